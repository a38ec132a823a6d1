// Loaded into the daemon before its own code: says what it holds after a full collection, and how long the turns of its
// event loop take.
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** Milliseconds between two looks; a turn that takes longer lies between two of them. */
const TICK = 1;

let timer;
let last;
let cpu;
/** Turns and collections since the last look, each with its start and length in ms. */
let turns = [];
const collections = [];
const observer = new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) collections.push({ startTime, duration });
});

/** Of the main thread, as Linux counts. */
const schedule = openSync('/proc/self/schedstat', 'r');
const text = Buffer.alloc(64);

/** Milliseconds of processor time that the main thread has had. */
function processorTime() {
  // Brings the kernel's number up to date.
  process.cpuUsage();
  const length = readSync(schedule, text, 0, text.length, 0);
  return Number.parseInt(text.latin1Slice(0, length), 10) / 1e6;
}

/** A turn counts with its processor time: on a busy machine others have the processor, too. */
function tick() {
  const now = performance.now();
  const used = processorTime();
  turns.push({ start: last, end: now, ms: used - cpu });
  last = now;
  cpu = used;
  timer = setTimeout(tick, TICK);
}

/** The longest turn, and the part of it in which memory was collected. */
function longest() {
  let found = { ms: 0, collecting: 0 };
  for (const { start, end, ms } of turns) if (ms > found.ms) found = { ms, start, end, collecting: 0 };
  for (const { startTime, duration } of collections)
    if (startTime >= found.start && startTime <= found.end) found.collecting += duration;
  return { ms: found.ms, collecting: found.collecting };
}

const methods = {
  memory() {
    globalThis.gc();
    globalThis.gc();
    return process.memoryUsage();
  },
  watchTurns() {
    clearTimeout(timer);
    turns = [];
    collections.length = 0;
    observer.observe({ entryTypes: ['gc'] });
    last = performance.now();
    cpu = processorTime();
    timer = setTimeout(tick, TICK);
  },
  // The observer is told of a collection only after the turn in which it was.
  async longestTurn() {
    await new Promise((resolve) => setTimeout(resolve, 20));
    clearTimeout(timer);
    observer.disconnect();
    return longest();
  },
};

process.on('message', async ({ id, method }) => {
  process.send({ id, value: await methods[method]() });
});
process.channel?.unref();
