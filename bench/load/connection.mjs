import { connect } from 'node:net';

const END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const LENGTH = /\r\ncontent-length: (\d+)/i;

/** A keep-alive connection with one request under way. Only lengths are read: a heavier client would be measured. */
export class Connection {
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
