import { bytesOf, type Bytes } from './bodies.ts';
import type { FuzzRequest } from './requests.ts';

/** How a request says where its body ends. All but the first two are wrong. */
export const FRAMINGS = [
  ...([
    'length',
    'chunked',
    'too-short',
    'too-long',
    'both',
    'two-lengths',
    'negative',
    'no-number',
  ] as const),
  ...([
    'bad-chunk-size',
    'huge-chunk-size',
    'long-extension',
    'no-last-chunk',
    'bare-lines',
    'gzip',
    'none',
  ] as const),
] as const;
export type Framing = (typeof FRAMINGS)[number];

/** The bytes of a request. `values` has what is known only now, by placeholder. */
export function encoded(request: FuzzRequest, values: ReadonlyMap<string, string>): Buffer {
  const { method, target, version, body, framing } = request;
  const fill = (text: Bytes) =>
    [...values].reduce((filled, [name, value]) => filled.replaceAll(name, value), text);
  const bytes = body && fill(bytesOf(body));
  const [headers, payload] = bytes === undefined ? ['', ''] : framed(framing, bytes);
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(
    `${method} ${fill(target)} ${version}\r\n${fill(lines)}${headers}\r\n${payload}`,
    'latin1',
  );
}

function framed(framing: Framing, body: Bytes): [headers: Bytes, payload: Bytes] {
  const length = (value: unknown) => `Content-Length: ${String(value)}\r\n`;
  const te = 'Transfer-Encoding: chunked\r\n';
  switch (framing) {
    case 'length':
      return [length(body.length), body];
    case 'chunked':
      return [te, `${chunks(body)}0\r\n\r\n`];
    case 'too-short':
      return [length(Math.floor(body.length / 2)), body];
    case 'too-long':
      return [length(body.length + 10), body];
    case 'both':
      return [length(body.length) + te, `${chunks(body)}0\r\n\r\n`];
    case 'two-lengths':
      return [length(body.length) + length(body.length + 1), body];
    case 'negative':
      return [length(-1), body];
    case 'no-number':
      return [length('1e3'), body];
    case 'bad-chunk-size':
      return [te, `zz\r\n${body}\r\n0\r\n\r\n`];
    case 'huge-chunk-size':
      return [te, `ffffffffffffffffff\r\n${body}\r\n0\r\n\r\n`];
    case 'long-extension':
      return [te, `1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`];
    case 'no-last-chunk':
      return [te, chunks(body)];
    case 'bare-lines':
      return [te, `${body.length.toString(16)}\n${body}\n0\n\n`];
    case 'gzip':
      return ['Transfer-Encoding: gzip, chunked\r\n', `${chunks(body)}0\r\n\r\n`];
    case 'none':
      return ['', body];
  }
}

/** A few chunks, one of them with an extension. */
function chunks(body: Bytes): Bytes {
  const size = Math.max(1, Math.ceil(body.length / 3));
  let text = '';
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size);
    text += `${part.length.toString(16)}${at === 0 ? ';a=b' : ''}\r\n${part}\r\n`;
  }
  return text;
}
