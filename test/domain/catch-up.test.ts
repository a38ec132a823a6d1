import fc from 'fast-check';
import t from 'tap';
import { composeVisible } from '../../src/domain/history.ts';
import { apply, emptyManifest, emptyPatch } from '../../src/domain/patch.ts';
import type { Patch } from '../../src/domain/patch.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { applied, selected } from '../support/algebra.ts';
import { chainOf, chains, same, view } from '../support/arbitraries.ts';
import { law } from './law.ts';

/** The entries of `patch` that reached a reader before it was cut off. */
function arrived(patch: Patch, luck: readonly boolean[]): Patch {
  let i = 0;
  const some = <T>(entries: ReadonlyMap<string, T>) =>
    new Map([...entries].filter(() => luck[i++ % luck.length]));
  return { compositors: some(patch.compositors), tiles: some(patch.tiles), regions: some(patch.regions) };
}

law(t, 'a reader at an older cursor ends exact', [chains(), view, fc.nat(), fc.nat()], (chain, v, i, j) => {
  const { states, commits } = chain;
  const [from, to] = [i % states.length, j % states.length].sort((a, b) => a - b) as [number, number];
  const seen = selected(states[from]!, v);
  same(apply(seen, composeVisible(commits.slice(from, to), v)), selected(states[to]!, v));
});

const luck = fc.array(fc.boolean(), { minLength: 1, maxLength: 16 });

law(
  t,
  'a reader that holds any parts of any catch-ups it was cut off in still ends exact',
  [chains(), view, fc.nat(), fc.array(fc.tuple(fc.nat(), luck), { maxLength: 4 })],
  (chain, v, i, cuts) => {
    const { states, commits } = chain;
    const from = i % states.length;
    const seen = selected(states[from]!, v);
    let to = from;
    // Each try starts at the same cursor, since no id came, and later or at the same head.
    for (const [step, parts] of cuts) {
      to += step % (states.length - to);
      apply(seen, arrived(composeVisible(commits.slice(from, to), v), parts));
    }
    same(apply(seen, composeVisible(commits.slice(from), v)), selected(states.at(-1)!, v));
  },
  500,
);

law(t, 'a part that comes twice is harmless', [chains(), view, luck], (chain, v, parts) => {
  const change = composeVisible(chain.commits, v);
  const seen = apply(selected(chain.states[0]!, v), change);
  same(applied(seen, arrived(change, parts), change), seen);
});

t.test('the phantom tile: not there at the cursor, not there now, and still taken away', async (t) => {
  const by = (compositor: string): Tile => ({ brick: 'x', timestamp: 1, compositor });
  const set = (tile: Tile | null): Patch => ({ ...emptyPatch(), tiles: new Map([['0,0', tile]]) });
  const mine = { compositors: new Set(['a']) };
  for (const gone of [null, by('b')]) {
    const { commits } = chainOf(emptyManifest(), [set(by('a')), set(gone)]);
    const cutOff = apply(emptyManifest(), composeVisible(commits.slice(0, 1), mine));
    t.equal(cutOff.tiles.size, 1, 'the part arrived, its id did not');
    t.equal(apply(cutOff, composeVisible(commits, mine)).tiles.size, 0);
  }
});
