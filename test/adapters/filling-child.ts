/**
 * Run by tests under a limit of the file size: `filling-child.ts <folder>` commits large tiles until the disk is
 * full, then frees some and goes on. Prints one JSON line with what it saw.
 */
import { setTimeout } from 'node:timers/promises';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { Patch } from '../../src/domain/patch.ts';
import { Author } from '../contract/author.ts';
import { mapText, stateOf, tilePatch } from '../contract/samples.ts';

const store = await EmbeddedStore.open({ path: process.argv[2] ?? '', clock: new SystemClock() });
const author = await Author.join(store);
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

const attempt = async (patch: Patch, keepFrom = 0): Promise<string> => {
  try {
    return (await author.send(author.plan([patch], { keepFrom }))).taken ? 'taken' : 'refused';
  } catch (error) {
    return (error as Error).name;
  }
};

const large = (row: number) =>
  tilePatch(Object.fromEntries(Array.from({ length: 500 }, (_, x) => [`${x},${row}`, 'x'.repeat(250)])));
let row = 0;
let full = 'taken';
while (full === 'taken' && row < 1000) full = await attempt(large(row++));
const again = await attempt(large(row));
const reread = mapText((await stateOf(store)).manifest) === mapText(author.manifest.copy());
// The map goes, and the log with it: the small commit fits into the pages they leave.
let freed = again;
// A disk that took no write is tried again only after a second.
while (freed === again) {
  await setTimeout(50);
  freed = await attempt(tilePatch({ '0,0': null }), Number.MAX_SAFE_INTEGER);
}
const small = await attempt(tilePatch({ '9,9': 'small' }));
const head = (await stateOf(store)).head === author.head;
await new Promise((resolve) => setImmediate(resolve));
console.log(JSON.stringify({ full, again, reread, freed, small, head, unhandled }));
await store.close();
