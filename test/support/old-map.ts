import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { makeCompositor } from '../../src/domain/compositor.ts';
import { patchOf } from '../../src/domain/patch.ts';
import { Author } from '../contract/author.ts';
import { region, regionPatch, tilePatch } from '../contract/samples.ts';

/** Texts that a daemon took before they had to be printable. */
export const OLD = {
  names: { turned: '\u202Ellaw eht', blank: '\u3164' },
  bricks: { '0,0': '\u202Egnp.str\u202C שלום', '1,0': ' ', '2,0': 'wall.rts.png' },
  purpose: 'the \u2066lobby',
};

/** Puts a map with such texts into the folder of an embedded store. */
export async function writeOldMap(path: string): Promise<void> {
  const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
  const registeredAt = '2024-01-01T00:00:00.000Z';
  const entries = Object.entries(OLD.names).map(([id, name]) => {
    return [id, makeCompositor({ id, name, registeredAt })] as const;
  });
  const author = await Author.join(store);
  await author.write(
    patchOf({ compositors: new Map(entries) }),
    tilePatch(OLD.bricks, 'turned'),
    regionPatch({ R3kX9mQ2vT7a: region('turned', '0,0,3,3', { purpose: OLD.purpose }) }),
  );
  await store.close();
}
