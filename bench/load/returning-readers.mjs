// Streams that do what `bye` says: each comes back after the time that it names, with the id of the last event, to another port.
import { connect } from 'node:net';
import { answer } from './answer.mjs';

const SYNCED = 'event: synced\n';
/** Characters that may be cut between two pieces of a stream. */
const OVERLAP = 256;

const readers = [];

/** One stream and, after its `bye` or a cut, the next. Times in ms. */
class Reader {
  /** From the beginning of the last connection until its first byte, and until the reader had everything. */
  firstByte;
  complete;
  /** Resolves when it has. */
  synced;
  #settle;
  #port;
  #tail = '';
  #lastId;
  #retry = 2000;
  #began;
  #socket;
  #closed = false;
  /** It is to go elsewhere: what the present connection brings does not count. */
  #leaving = false;

  constructor(port) {
    this.#expectAll();
    this.#connect(port);
  }

  /** Where it is to come back to. */
  expectBye(port) {
    this.#expectAll();
    this.#leaving = true;
    this.#port = port;
  }

  close() {
    this.#closed = true;
    this.#socket.destroy();
  }

  #expectAll() {
    this.synced = new Promise((resolve) => (this.#settle = resolve));
  }

  #connect(port) {
    this.#port = port;
    this.#began = performance.now();
    this.#leaving = false;
    this.#tail = '';
    this.firstByte = undefined;
    this.complete = undefined;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.on('connect', () => {
      const id = this.#lastId === undefined ? '' : `Last-Event-ID: ${this.#lastId}\r\n`;
      socket.write(`GET /manifest/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n${id}\r\n`);
    });
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => undefined);
    // As an EventSource does it.
    socket.on('close', () => {
      if (!this.#closed) setTimeout(() => this.#connect(this.#port), this.#retry);
    });
  }

  #take(bytes) {
    this.firstByte ??= performance.now() - this.#began;
    const text = this.#tail + bytes.latin1Slice(0, bytes.length);
    this.#tail = text.slice(-OVERLAP);
    this.#lastId = [...text.matchAll(/^id: (.*)\n/gm)].at(-1)?.[1] ?? this.#lastId;
    this.#retry = Number([...text.matchAll(/^retry: (\d+)\n/gm)].at(-1)?.[1] ?? this.#retry);
    if (!text.includes(SYNCED) || this.#leaving) return;
    this.complete ??= performance.now() - this.#began;
    this.#settle();
  }
}

/** Opens `count` streams, 100 at a time. */
async function open({ port, count }) {
  let left = count;
  const some = async () => {
    while (left > 0) {
      left -= 1;
      const reader = new Reader(port);
      readers.push(reader);
      await reader.synced;
    }
  };
  await Promise.all(Array.from({ length: 100 }, some));
}

async function expectBye({ port }) {
  for (const reader of readers) reader.expectBye(port);
}

/** Resolves when all are complete again, to how long each waited. */
async function back() {
  await Promise.all(readers.map(({ synced }) => synced));
  return readers.map(({ firstByte, complete }) => ({ firstByte, complete }));
}

async function close() {
  for (const reader of readers.splice(0)) reader.close();
}

answer({ open, expectBye, back, close });
