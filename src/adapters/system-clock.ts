import { subscribe } from 'node:diagnostics_channel';
import type { Clock } from '../domain/clock.ts';

/**
 * Turns of the event loop for which what is due soon waits at most, while each of them brings a connection. Node accepts one
 * connection in a turn: with 10 ms of work in each, the last of 400 that came together was accepted after five seconds.
 */
const MOST_TURNS = 20;

/** Connections that this process has accepted. */
let accepted = 0;
subscribe('net.server.socket', () => (accepted += 1));

/** The machine's own clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  soon(run: () => void): void {
    afterConnections(run, MOST_TURNS);
  }

  after(ms: number, run: () => void): () => void {
    // Longer waits than setTimeout can hold would fire at once: it takes 2^31 - 1 ms, about 24 days.
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), 0x7fffffff));
    // Without unref a renewal due in an hour would keep an otherwise finished process for that hour.
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  }
}

/** Calls `run` in the first turn that brings no connection. */
function afterConnections(run: () => void, turns: number): void {
  const before = accepted;
  setImmediate(() => {
    if (accepted === before || turns === 0) run();
    else afterConnections(run, turns - 1);
  });
}
