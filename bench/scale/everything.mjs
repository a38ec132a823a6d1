// One reader takes the whole map of a million tiles, and then another: how long that takes, how many bytes go over the wire, and how long the
// daemon lets others wait meanwhile.
import { request } from 'node:http';
import { createGunzip } from 'node:zlib';
import { written } from '../measure.mjs';
import { ask } from '../tiles.mjs';

const SECONDS = 2;
/** Milliseconds that another may wait. */
const WAIT = 20;
/** The part of the bytes that compression may leave. */
const SHARE = 1 / 12;
/** Cells to a side of a block, whose text is kept until one of its tiles changes. */
const BLOCK = 32;

export async function everything(lab, { port, url }, side) {
  const looks = lab.worker('looks');
  const rows = [];
  for (const [name, path] of [
    ['GET /manifest', '/manifest'],
    ['the stream', '/manifest/stream'],
  ]) {
    const row = (what, ours, other, ratio, target = 1) =>
      rows.push({ what: `everything by ${name}: ${what}`, ours, other, ratio, target, atMost: true });
    const taken = {};
    for (const coding of ['identity', 'gzip']) {
      // What was encoded for the one before is of no use any more.
      await ask(url, 'PATCH', '/compositors/wall/tiles', inEachBlock(side, `${path}-${coding}`));
      await looks.call('begin', { port });
      const { seconds, bytes } = (taken[coding] = await takeAll(port, path, coding));
      const again = await takeAll(port, path, coding);
      const wait = await looks.call('slowest');
      row(`time, ${coding}`, written(seconds, 's'), `${SECONDS} s`, seconds / SECONDS);
      row(
        `time for the next, ${coding}`,
        written(again.seconds, 's'),
        `${SECONDS} s`,
        again.seconds / SECONDS,
      );
      row(`another waits, ${coding}`, written(wait, 'ms'), `${WAIT} ms`, wait / WAIT);
      if (coding === 'identity') continue;
      const plain = taken.identity.bytes;
      row('bytes, gzip', written(bytes), `${written(plain)} plain`, bytes / plain, SHARE);
    }
  }
  return rows;
}

/** One tile of each block of a square map around 0,0. */
function inEachBlock(side, brick) {
  const first = -(side >> 1);
  const tiles = {};
  for (let x = first; x < first + side; x += BLOCK)
    for (let y = first; y < first + side; y += BLOCK) tiles[`${x},${y}`] = { brick };
  return tiles;
}

/** Resolves when the reply has ended, or the stream has said that it is exact. Counts bytes as they come over the wire. */
function takeAll(port, path, coding) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': coding };
    const outgoing = request({ port, host: '127.0.0.1', path, headers, agent: false }, (reply) => {
      let bytes = 0;
      let end = '';
      const settle = () => {
        outgoing.destroy();
        resolve({ bytes, seconds: (performance.now() - began) / 1000 });
      };
      reply.on('data', (piece) => (bytes += piece.length)).on('error', () => undefined);
      const isCoded = reply.headers['content-encoding'] === 'gzip';
      const text = isCoded ? reply.pipe(createGunzip()) : reply;
      text.on('error', () => undefined).on('end', settle);
      text.on('data', (piece) => {
        end = (end + piece.subarray(-256).toString('latin1')).slice(-512);
        if (end.includes('event: synced\n')) settle();
      });
    });
    outgoing.on('error', reject).end();
  });
}
