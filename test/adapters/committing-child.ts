/**
 * Run by tests as a process of its own: `committing-child.ts <folder> <name> [count]` commits single tiles as
 * fast as it can, `count` of them or until it is killed, and prints each cursor once it is acknowledged.
 */
import { writeSync } from 'node:fs';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';

const [path = '', name = '', count = 'Infinity'] = process.argv.slice(2);
const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
const author = await Author.join(store);
for (let i = 0; i < Number(count); i++) {
  const [commit] = await author.write(tilePatch({ [`${i % 50},${i % 7}`]: `${name}-${i}` }, name));
  // Not console.log: a line must be out before the next commit begins.
  writeSync(1, `${commit!.cursor}\n`);
}
await store.close();
if (process.connected) process.disconnect();
