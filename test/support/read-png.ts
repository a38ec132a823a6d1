import { crc32, inflateSync } from 'node:zlib';

/** A PNG of eight bits a channel with alpha, without filters and interlacing, as the daemon writes it. Throws when it is none. */
export function readPng(png: Buffer): { width: number; height: number; pixels: Buffer } {
  if (png.subarray(0, 8).toString('hex') !== '89504e470d0a1a0a') throw new Error('no PNG');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + length);
    if (png.readUInt32BE(at + 8 + length) !== crc32(named)) throw new Error('a chunk with a wrong sum');
    chunks.push({ type: named.toString('latin1', 0, 4), data: named.subarray(4) });
    at += 12 + length;
  }
  const [head, data, end] = chunks;
  if (chunks.map(({ type }) => type).join() !== 'IHDR,IDAT,IEND' || !head || !data || end?.data.length !== 0)
    throw new Error('other chunks');
  const [width, height] = [head.data.readUInt32BE(0), head.data.readUInt32BE(4)];
  if (head.data.subarray(8).toString('hex') !== '0806000000') throw new Error('another form');
  const lines = inflateSync(data.data);
  const rows = Array.from({ length: height }, (_, row) => {
    const start = row * (4 * width + 1);
    if (lines[start] !== 0) throw new Error('a filter');
    return lines.subarray(start + 1, start + 1 + 4 * width);
  });
  return { width, height, pixels: Buffer.concat(rows) };
}
