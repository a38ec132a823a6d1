/**
 * Run by tests as a process of its own: `withdrawing-child.ts <folder> [close]` writes 20,000 tiles of one compositor and ten of another,
 * withdraws the first, says so, and waits to be killed while it sweeps; with `close` it closes its store then, and ends.
 */
import { writeSync } from 'node:fs';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { PlainAuthor } from '../contract/plain-author.ts';
import { tilesOf } from '../contract/samples.ts';

const [path = '', how] = process.argv.slice(2);
const store = await EmbeddedStore.open({ path, clock: new SystemClock(), sweepCount: 100 });
const author = await PlainAuthor.join(store);
await author.write(tilesOf('giant', 'g', 20_000), tilesOf('other', 'o', 10));
await author.write('giant');
writeSync(1, 'withdrawn\n');
if (how === 'close') {
  await store.close();
  writeSync(1, 'closed\n');
  process.disconnect();
}
