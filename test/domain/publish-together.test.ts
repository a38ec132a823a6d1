import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Draft } from '../../src/domain/draft.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { diff, emptyPatch, patchOf } from '../../src/domain/patch.ts';
import { publishTogether } from '../../src/domain/publish-together.ts';
import { publish, type TileWrite } from '../../src/domain/publishing.ts';
import type { Principal } from '../../src/domain/token.ts';
import { law } from './law.ts';

const NOW = 1_700_000_000;
const key = fc.constantFrom('0,0', '0,1', '1,0', '1,1');
const write: fc.Arbitrary<TileWrite | null> = fc.option(
  fc.record(
    {
      brick: fc.constantFrom('a', 'b'),
      timestamp: fc.constantFrom(NOW - 10, NOW, NOW + 1, NOW + 1000),
    },
    { requiredKeys: ['brick'] },
  ),
);
const requests = fc.array(fc.array(fc.tuple(key, write), { maxLength: 3 }), { maxLength: 6 });
const others = fc.dictionary(key, fc.constantFrom(NOW - 5, NOW + 5));
const tenant: Principal = {
  key: '',
  scopes: ['write'],
  compositors: ['wall'],
  view: { x1: 0, y1: 0, x2: 0, y2: 1 },
};

/** A manifest where `door` has these tiles. */
function manifestOf(tiles: Readonly<Record<string, number>>): LiveManifest {
  const manifest = new LiveManifest();
  const patch = emptyPatch();
  for (const [at, timestamp] of Object.entries(tiles))
    patch.tiles.set(at, { brick: 'door', timestamp, compositor: 'door' });
  manifest.apply(patch);
  return manifest;
}

law(
  t,
  'requests together lead to where they lead one after the other, and each comes to the same',
  [others, requests, fc.constantFrom(undefined, tenant)],
  (tiles, all, principal) => {
    const manifest = manifestOf(tiles);
    const writes = all.map((each) => new Map(each));
    const together = publishTogether(manifest, 'wall', writes, NOW, principal);
    const draft = new Draft(manifest);
    const outcomes = writes.map((each) => {
      try {
        const wanted = patchOf({ tiles: publish(draft, 'wall', each, NOW, principal) });
        const patch = diff(draft, wanted);
        draft.apply(patch);
        return patch.tiles.size;
      } catch (error) {
        return (error as DomainError).kind;
      }
    });
    assert.deepEqual(
      together.outcomes.map((each) => (each instanceof DomainError ? each.kind : each)),
      outcomes,
    );
    const after = new Draft(manifest);
    after.apply(patchOf({ tiles: together.tiles }));
    assert.deepEqual(after.digest, draft.digest);
  },
);

t.test('an error that is none of the rules is thrown', async (t) => {
  const manifest = manifestOf({});
  const bad = {
    entries: () => [],
    [Symbol.iterator]: () => {
      throw new RangeError('a bug');
    },
  };
  t.throws(() => publishTogether(manifest, 'wall', [bad as never], NOW), { message: 'a bug' });
});
