import { written } from './measure.mjs';
import { fill } from './tiles.mjs';

const STREAMS = 5000;

/** What one more idle stream holds in the daemon, after a full collection. The kernel's socket buffers are not in it. */
export async function idleMemory(lab) {
  const daemon = await lab.daemon();
  await fill(daemon.url, 'wall', 100);
  const readers = lab.worker('readers');
  const open = (count) => readers.call('open', { port: daemon.port, path: '/manifest/stream', count });
  // The first ones pay for what is made once: compiled code, tables, the shared snapshot.
  await open(500);
  const before = await daemon.call('memory');
  await open(STREAMS);
  const after = await daemon.call('memory');
  const each = (key) => (after[key] - before[key]) / STREAMS / 1024;
  const total = (memory) => memory.heapUsed + memory.external;
  const held = (total(after) - total(before)) / STREAMS / 1024;
  const row = (what, value, target) => ({
    what,
    ours: written(value, 'KiB'),
    other: '12 KiB',
    beside: 'allowed',
    ratio: value / 12,
    target,
    atMost: true,
  });
  return [
    row('memory of an idle stream: heap and buffers', held, 1),
    row('memory of an idle stream: RSS', each('rss'), 1),
  ];
}
