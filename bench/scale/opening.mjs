// What it costs the daemon to open a stream of 400 tiles.
import { written } from '../measure.mjs';
import { cpuSeconds } from '../lab.mjs';

/** As many as come back after a deploy. */
const STREAMS = 5000;
/** Cells; a view has its square. */
const SIDE = 20;
/** Milliseconds of the daemon's CPU. */
const SHARED = 0.4;
const ALONE = 1;

export async function opening(lab, daemon) {
  const readers = lab.worker('readers');
  const open = async (paths) => {
    // The first ones pay for what is compiled.
    await readers.call('open', { port: daemon.port, paths: paths.slice(0, 100), until: 'event: synced' });
    const before = cpuSeconds(daemon.pid);
    await readers.call('open', { port: daemon.port, paths: paths.slice(100), until: 'event: synced' });
    const cpu = ((cpuSeconds(daemon.pid) - before) * 1000) / (paths.length - 100);
    await readers.call('close');
    return cpu;
  };
  const shared = await open(Array.from({ length: STREAMS }, () => pathOf(0, 0)));
  const alone = await open(
    Array.from({ length: STREAMS }, (_, i) => pathOf((i % 71) * 13 - 470, ((i / 71) | 0) * 13 - 470)),
  );
  return [
    ['views are the same', shared, SHARED],
    ['each has a view of its own', alone, ALONE],
  ].map(([which, cpu, allowed]) => ({
    what: `CPU to open a stream of ${SIDE * SIDE} tiles, ${which}`,
    ours: written(cpu, 'ms'),
    other: `${allowed} ms`,
    beside: 'allowed',
    ratio: cpu / allowed,
    target: 1,
    atMost: true,
  }));
}

export function pathOf(x, y, side = SIDE) {
  return `/manifest/stream?view=${x},${y},${x + side - 1},${y + side - 1}`;
}
