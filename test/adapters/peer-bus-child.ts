/**
 * Run by tests as a process of its own: `peer-bus-child.ts <folder>` joins the peer bus of a folder, prints its name, answers
 * `echo` with its process id, holds `slow` for ever, and claims `child-claim`.
 */
import { writeSync } from 'node:fs';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openBackend } from '../../src/backend.ts';
import { loud } from '../support/loud.ts';

const [path = ''] = process.argv.slice(2);
const { peerBus, claims } = await openBackend(
  { store: `file:${path}`, namespace: '' },
  new SystemClock(),
  loud,
);
peerBus.handle('echo', async (message) => ({ pid: process.pid, message }));
peerBus.handle('slow', () => {
  peerBus.publish('begun', process.pid);
  return new Promise(() => undefined);
});
peerBus.subscribe('topic', (message) => peerBus.publish('heard', { pid: process.pid, message }));
await claims.claim(peerBus.self, ['child-claim'], 60_000);
writeSync(1, `${peerBus.self}\n`);
setInterval(() => undefined, 2 ** 30);
