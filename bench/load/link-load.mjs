// Compositors that dialed in, each with so many requests of one tile under way. Replies are counted, not parsed: a heavier client
// would be measured.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { answer } from './answer.mjs';

const END = Buffer.from('\r\n\r\n');
const REFUSED = Buffer.from('"ok":false');

class Link {
  #socket;
  #rest = Buffer.alloc(0);
  #open = false;
  refused = 0;
  /** Called with how many replies have come. */
  replied = () => undefined;

  static async open(port, path) {
    const link = new Link();
    const socket = (link.#socket = connect({ port, host: '127.0.0.1', noDelay: true }));
    const lines = [
      `GET ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.on('data', (bytes) => link.#read(bytes, resolve, reject));
    });
    return link;
  }

  send(frames) {
    this.#socket.write(frames);
  }

  close() {
    this.#socket.destroy();
  }

  #read(bytes, opened, failed) {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    if (!this.#open) {
      const end = data.indexOf(END);
      if (end < 0) return void (this.#rest = data);
      if (!data.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101')))
        return failed(new Error(data.toString()));
      this.#open = true;
      data = data.subarray(end + END.length);
      opened();
    }
    if (data.includes(REFUSED)) this.refused += 1;
    let replies = 0;
    let at = 0;
    while (data.length - at >= 2) {
      const short = data[at + 1];
      const head = short < 126 ? 2 : 4;
      if (data.length - at < head) break;
      const length = short < 126 ? short : data.readUInt16BE(at + 2);
      if (data.length - at < head + length) break;
      // Text; the others are pings.
      if ((data[at] & 15) === 1) replies += 1;
      at += head + length;
    }
    this.#rest = data.subarray(at);
    if (replies > 0) this.replied(replies);
  }
}

/** A text frame of a client; its mask of zeroes leaves the text as it is. */
function frameOf(text) {
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 6 : 8);
  head[0] = 0x81;
  if (body.length < 126) head[1] = 0x80 | body.length;
  else {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(body.length, 2);
  }
  return Buffer.concat([head, body]);
}

/**
 * Writes single tiles for `ms`, over a link for each of `paths`, `inFlight` of them under way on all together. Returns how many per
 * second were answered.
 */
async function run({ port, paths, inFlight, ms, round }) {
  const links = await Promise.all(paths.map((path) => Link.open(port, path)));
  const each = Math.ceil(inFlight / links.length);
  let count = 0;
  const started = process.hrtime.bigint();
  const until = performance.now() + ms;
  await Promise.all(
    links.map(
      (link, y) =>
        new Promise((resolve) => {
          let sent = 0;
          let answered = 0;
          const send = (n) => {
            const frames = [];
            for (let i = 0; i < n; i++) {
              sent += 1;
              const tiles = { [`${sent % 2000},${y}`]: { brick: `brick-${round}-${sent}.rts.png` } };
              frames.push(frameOf(JSON.stringify({ type: 'tiles', id: sent, tiles })));
            }
            link.send(Buffer.concat(frames));
          };
          link.replied = (n) => {
            answered += n;
            if (performance.now() < until) send(n);
            else if (answered === sent) resolve((count += answered));
          };
          send(each);
        }),
    ),
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  for (const link of links) link.close();
  return { rate: count / seconds, count, refused: links.reduce((sum, { refused }) => sum + refused, 0) };
}

answer({ run });
