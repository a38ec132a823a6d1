import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { makeCompositor } from '../../src/domain/compositor.ts';
import { patchOf } from '../../src/domain/patch.ts';
import { Author } from '../contract/author.ts';
import { tile } from '../contract/samples.ts';

/** Compositors side by side, and cells from one to the next. */
const ACROSS = 100;
const STEP = 8;

/** The id of the `i`-th compositor of a fleet, and the first of its cells. */
export const idOf = (i: number) => `c${String(i).padStart(5, '0')}`;
export const cornerOf = (i: number): [x: number, y: number] => [
  (i % ACROSS) * STEP,
  Math.floor(i / ACROSS) * STEP,
];

/** Puts `count` compositors with two tiles each into the folder of an embedded store: by HTTP it would take minutes. */
export async function writeLargeFleet(path: string, count: number): Promise<void> {
  const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
  const author = await Author.join(store);
  const ids = Array.from({ length: count }, (_, i) => idOf(i));
  const registeredAt = '2024-01-01T00:00:00.000Z';
  await author.write(
    patchOf({
      compositors: new Map(
        ids.map((id) => [id, makeCompositor({ id, name: `Wall ${id}`, registeredAt })] as const),
      ),
    }),
    patchOf({
      tiles: new Map(
        ids.flatMap((id, i) => {
          const [x, y] = cornerOf(i);
          return [x, x + 1].map((each) => [`${each},${y}`, tile(`${id}-${each}.png`, id)] as const);
        }),
      ),
    }),
  );
  await store.close();
}

/** Puts one tile that changes `count` times there, each time in a commit of its own: `r2.png` is that of revision 2. */
export async function writeLongHistory(path: string, count: number): Promise<void> {
  const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
  const author = await Author.join(store);
  const wall = makeCompositor({ id: 'wall', name: 'Wall', registeredAt: '2024-01-01T00:00:00.000Z' });
  await author.write(patchOf({ compositors: new Map([['wall', wall]]) }));
  const brickAt = (revision: number) =>
    patchOf({ tiles: new Map([['0,0', tile(`r${revision}.png`, 'wall', 1_700_000_000 + revision)]]) });
  for (let from = 2; from <= count; from += 1000)
    await author.write(
      ...Array.from({ length: Math.min(1000, count + 1 - from) }, (_, i) => brickAt(from + i)),
    );
  await store.close();
}
