// Keep-alive connections, each with one request under way. Only lengths are read: a heavier client would be measured.
import { connect } from 'node:net';
import { answer } from './answer.mjs';

const END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const LENGTH = /\r\ncontent-length: (\d+)/i;

class Connection {
  #socket;
  #left = 0;
  #head = undefined;
  /** Called with the status of each reply that is complete. */
  done = () => undefined;

  static async open(port) {
    const connection = new Connection();
    const buffer = Buffer.allocUnsafe(256 * 1024);
    connection.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (bytes) => {
          connection.#read(buffer, bytes);
          return true;
        },
      },
    });
    await new Promise((resolve, reject) => {
      connection.#socket.once('connect', resolve).once('error', reject);
    });
    return connection;
  }

  send(request) {
    this.#socket.write(request);
  }

  close() {
    this.#socket.destroy();
  }

  #read(buffer, bytes) {
    if (this.#left > 0)
      return this.#left === Infinity ? this.#chunks(buffer.subarray(0, bytes)) : this.#take(bytes);
    let piece = buffer.subarray(0, bytes);
    if (this.#head) piece = Buffer.concat([this.#head, piece]);
    const end = piece.indexOf(END);
    if (end < 0) {
      this.#head = Buffer.from(piece);
      return;
    }
    this.#head = undefined;
    const head = piece.latin1Slice(0, end);
    this.status = Number(head.slice(9, 12));
    if (/\r\ntransfer-encoding: chunked/i.test(head)) {
      this.#left = Infinity;
      this.#chunks(piece.subarray(end + END.length));
      return;
    }
    this.#left = Number(LENGTH.exec(head)?.[1] ?? 0);
    const body = piece.length - end - END.length;
    if (this.#left === 0) this.done(this.status);
    else this.#take(body);
  }

  #chunks(piece) {
    if (piece.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) this.#take(Infinity);
  }

  #take(bytes) {
    this.#left = bytes === Infinity ? 0 : this.#left - bytes;
    if (this.#left <= 0) {
      this.#left = 0;
      this.done(this.status);
    }
  }
}

/**
 * Works through `requests` for `ms`, again from the first after the last, and returns how many per second were answered, and
 * the statuses. An item that is a list of requests is sent one after the other on one connection, and counts as one.
 */
async function run({ port, connections, ms, requests }) {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const ready = requests.map((item) => [item].flat().map((text) => Buffer.from(text)));
  let next = 0;
  let count = 0;
  const statuses = {};
  const started = process.hrtime.bigint();
  const until = performance.now() + ms;
  await Promise.all(
    open.map(
      (connection) =>
        new Promise((resolve) => {
          let item = [];
          const send = () => {
            if (item.length === 0) item = [...ready[next++ % ready.length]];
            connection.send(item.shift());
          };
          connection.done = (status) => {
            if (item.length === 0) count += 1;
            statuses[status] = (statuses[status] ?? 0) + 1;
            if (item.length > 0 || performance.now() < until) send();
            else resolve();
          };
          send();
        }),
    ),
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  for (const connection of open) connection.close();
  return { rate: count / seconds, count, statuses };
}

answer({ run });
