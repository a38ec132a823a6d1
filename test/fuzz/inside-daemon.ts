// Loaded into the daemon before its own code (NODE_OPTIONS=--import=...), so that src needs no hook: it watches the event loop, and
// tells over a socket what only the process itself can know.
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A time for which the loop did not turn. All times are in milliseconds. */
export interface Stall {
  readonly ms: number;
  /** Of it, the time in which the main thread computed: the rest it waited for a processor, which other programs had. */
  readonly computed: number;
  /** What the daemon began to work on meanwhile, first the newest before it. */
  readonly requests: readonly string[];
}

export interface Inside {
  /** Those of which the main thread computed for at least half the time that counts as one. */
  readonly stalls: readonly Stall[];
  /** Bytes on the heap, and beside it for buffers. */
  readonly heap: number;
  readonly external: number;
}

/** Milliseconds. */
const TICK = 20;
const STALL = 50;
const MAX_REQUESTS = 250;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let stalls: Stall[] = [];
let requests: string[] = [];
let before = { wall: performance.now(), computed: computed() };

subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  const length =
    request.headers['content-length'] ?? (request.headers['transfer-encoding'] ? 'chunked' : '0');
  if (requests.length < MAX_REQUESTS)
    requests.push(`${request.method} ${request.url?.slice(0, 100)} [${length}]`);
});

setInterval(() => {
  const now = { wall: performance.now(), computed: computed() };
  const stall = { ms: now.wall - before.wall - TICK, computed: now.computed - before.computed };
  before = now;
  if (Math.min(stall.ms, stall.computed) > STALL) stalls.push({ ...stall, requests });
  requests = requests.slice(-1);
}, TICK).unref();

/** Milliseconds that the main thread has computed: Linux tells it by thread, elsewhere all threads count. */
function computed(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.unref();
  socket.on('data', (asked) => {
    const seen = stalls;
    if (String(asked) === 'collect') {
      // Twice: what the first run finalizes, the second frees.
      collectGarbage();
      collectGarbage();
    }
    const { heapUsed: heap, external } = process.memoryUsage();
    // What was measured of ourselves does not count.
    stalls = [];
    before = { wall: performance.now(), computed: computed() };
    socket.write(`${JSON.stringify({ stalls: seen, heap, external } satisfies Inside)}\n`);
  });
})
  .listen(process.env['FUZZ_SOCKET'])
  .unref();
