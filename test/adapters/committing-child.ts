/**
 * Run by tests as a process of its own: `committing-child.ts <folder> <name> [count]` commits single tiles as
 * fast as it can, `count` of them or until it is killed, and prints each cursor once it is acknowledged.
 */
import { writeSync } from 'node:fs';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openBackend } from '../../src/backend.ts';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';

const [path = '', name = '', count = 'Infinity'] = process.argv.slice(2);
const backend = await openBackend({ store: `file:${path}`, namespace: '' }, new SystemClock(), loud);
const author = await Author.join(backend.store);
// Waiting for a ticket does not keep the process alive.
const alive = setInterval(() => undefined, 2 ** 30);
for (let i = 0; i < Number(count); i++) {
  const [commit] = await author.write(tilePatch({ [`${i % 50},${i % 7}`]: `${name}-${i}` }, name));
  // Not console.log: a line must be out before the next commit begins.
  writeSync(1, `${commit!.cursor}\n`);
}
clearInterval(alive);
await closeBackend(backend);
if (process.connected) process.disconnect();
