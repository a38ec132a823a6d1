// Many open streams. A reader looks only for what it is told to wait for; a heavier client would be measured.
import { connect } from 'node:net';
import { answer } from './answer.mjs';

const now = () => Number(process.hrtime.bigint()) / 1e6;
const sockets = [];
/** Bytes that all of them were sent, heads and all. */
let received = 0;
// One for all: what comes is looked at before the next comes.
const buffer = Buffer.allocUnsafe(64 * 1024);
let onBytes = () => undefined;

/**
 * Opens `count` streams of `path`, or one of each of `paths`, at most 200 at a time, and resolves when each has been sent
 * something, or `until`.
 */
async function open({ port, path, count, paths = Array.from({ length: count }, () => path), until, coding }) {
  const waiting = [...paths];
  const one = async () => {
    while (waiting.length > 0) await openOne(port, waiting.pop(), until && Buffer.from(until), coding);
  };
  await Promise.all(Array.from({ length: 200 }, one));
}

function openOne(port, path, until, coding = 'identity') {
  return new Promise((resolve, reject) => {
    const index = sockets.length;
    let first = true;
    const callback = (bytes) => {
      received += bytes;
      if (first && (!until || buffer.subarray(0, bytes).includes(until))) {
        first = false;
        resolve();
      }
      onBytes(index, bytes);
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    sockets.push(socket);
    socket.on('error', reject).on('connect', () => {
      const lines = ['Host: 127.0.0.1', 'Accept: text/event-stream', `Accept-Encoding: ${coding}`];
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
  });
}

let waiting;

/** Begins to wait until every reader was sent `mark`, or anything if that is empty. Each publication has a mark of its own. */
async function expect({ mark, ms }) {
  const wanted = Buffer.from(mark);
  const got = new Set();
  waiting = new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${got.size} of ${sockets.length} were sent ${mark}`)),
      ms,
    );
    onBytes = (index, bytes) => {
      if (!buffer.subarray(0, bytes).includes(wanted)) return;
      got.add(index);
      if (got.size < sockets.length) return;
      clearTimeout(late);
      resolve({ at: now() });
    };
  });
  waiting.catch(() => undefined);
}

/** When the last of them got it, ms on the machine's monotonic clock. */
async function arrived() {
  return waiting;
}

/**
 * Watches for `ms` how far readers fall behind. A change says when it was made, `@<ms>@`; one in `every` readers is read
 * in full, the rest only drained. Returns the lags in ms, one for each piece that a watched reader got.
 */
async function watch({ ms, every, gap }) {
  const last = new Map();
  const lags = [];
  const started = now();
  onBytes = (index, bytes) => {
    if (index % every !== 0) return;
    const at = now();
    let newest = last.get(index) ?? started;
    for (const [, made] of buffer.latin1Slice(0, bytes).matchAll(/@(\d+(?:\.\d+)?)@/g))
      newest = Math.max(newest, Number(made));
    // What it lacked until now began with the change after the newest that it had.
    if (newest > (last.get(index) ?? started)) lags.push(at - (last.get(index) ?? started) - gap);
    last.set(index, newest);
  };
  await new Promise((resolve) => setTimeout(resolve, ms));
  onBytes = () => undefined;
  const at = now();
  for (let index = 0; index < sockets.length; index += every)
    lags.push(at - (last.get(index) ?? started) - gap);
  return lags;
}

/** For `ms`: how long each change was under way to each reader that was sent it, in ms. A change says when it was made. */
async function delays({ ms }) {
  const found = [];
  onBytes = (_, bytes) => {
    const at = now();
    for (const [, made] of buffer.latin1Slice(0, bytes).matchAll(/@(\d+(?:\.\d+)?)@/g)) found.push(at - made);
  };
  await new Promise((resolve) => setTimeout(resolve, ms));
  onBytes = () => undefined;
  return found;
}

async function close() {
  for (const socket of sockets.splice(0)) socket.destroy();
}

answer({
  open,
  expect,
  arrived,
  watch,
  delays,
  close,
  now: async () => now(),
  received: async () => received,
});
