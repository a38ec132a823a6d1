import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { copyManifest, emptyPatch, patchOf, type Patch } from '../../src/domain/patch.ts';
import { defaultBytes, exceededQuotas, findExcess, requireWithinQuotas } from '../../src/domain/quota.ts';
import type { TokenLimits } from '../../src/domain/token.ts';
import { compositor, compositorPatch, tilePatch } from '../contract/samples.ts';
import { inverse } from '../support/algebra.ts';
import { cellKey, manifests, patches } from '../support/arbitraries.ts';
import { law } from './law.ts';

/** Two compositors, three tiles of `wall` and one of `wall-2`. */
function start(): LiveManifest {
  const live = new LiveManifest();
  live.apply(compositorPatch(compositor('wall'), compositor('wall-2')));
  live.apply(tilePatch({ '0,0': 'a', '1,0': 'b', '2,0': 'c' }));
  live.apply(tilePatch({ '9,9': 'd' }, 'wall-2'));
  return live;
}

function excess(patch: Patch, settings: object, principal?: TokenLimits) {
  const live = start();
  return findExcess(live, patch, inverse(live.copy(), patch), { settings, principal });
}

const more = tilePatch({ '3,0': 'x', '4,0': 'y' });

t.test('names the quota, its limit, what is used and what would be', async (t) => {
  t.strictSame(excess(more, { tiles: 5 }), { quota: 'quota.tiles', limit: 5, used: 4, needed: 6 });
  t.equal(excess(more, { tiles: 6 }), undefined, 'exactly at the limit is within it');
  t.strictSame(excess(compositorPatch(compositor('new')), { compositors: 2 }), {
    quota: 'quota.compositors',
    limit: 2,
    used: 2,
    needed: 3,
  });
  t.match(excess(more, { bytes: 2000 }), { quota: 'quota.bytes', limit: 2000 });
  t.strictSame(excess(more, { tilesPerCompositor: 4 }), {
    quota: 'quota.tilesPerCompositor',
    limit: 4,
    used: 3,
    needed: 5,
  });
  t.match(excess(more, { bytesPerCompositor: 3000 }), { quota: 'quota.bytesPerCompositor' });
  const labels = { room: 'x'.repeat(2000) };
  t.match(excess(compositorPatch(compositor('wall', labels)), { entryBytes: 1024 }), {
    quota: 'quota.entryBytes',
    limit: 1024,
  });
  const live = start();
  const limits = { settings: { tiles: 5 } };
  const error = t.throws(() => requireWithinQuotas(live, more, limits));
  t.match(error, { kind: 'quota-exceeded', extras: { quota: { limit: 5 } } });
});

t.test('a takeover counts for the one who takes, and not in all', async (t) => {
  const taken = tilePatch({ '9,9': 'd' });
  t.equal(excess(taken, { tiles: 4 }), undefined);
  t.match(excess(taken, { tilesPerCompositor: 3 }), { used: 3, needed: 4 });
});

t.test('what belongs to a token is what it can write', async (t) => {
  const quota = { tiles: 5 };
  const other = tilePatch({ '7,7': 'e', '8,8': 'f' }, 'wall-2');
  t.match(excess(more, {}, { compositors: ['wall*'], quota }), { quota: 'token.tiles', used: 4, needed: 6 });
  t.equal(excess(more, {}, { compositors: ['wall', 'wall'], quota }), undefined, 'named twice, counted once');
  t.match(excess(more, {}, { compositors: ['wall'], quota: { tiles: 4 } }), { used: 3, needed: 5 });
  t.equal(excess(other, {}, { compositors: ['wall'], quota: { tiles: 3 } }), undefined);
  t.match(excess(other, {}, { quota }), { used: 4 }, 'a token for all compositors owns all');
  const one = { compositors: ['n*'], quota: { compositors: 1 } };
  t.equal(excess(compositorPatch(compositor('n1')), {}, one), undefined);
  t.match(excess(compositorPatch(compositor('n1'), compositor('n2')), {}, one), {
    quota: 'token.compositors',
  });
});

// What went wrong: each write of a token for `wall-*` looked through all compositors.
t.test('a write that adds nothing does not look for the compositors of its token', async (t) => {
  const live = start();
  live.compositors = () => t.fail('all compositors were read') as never;
  const same = tilePatch({ '0,0': 'x' });
  const undo = tilePatch({ '0,0': 'y' });
  const principal = { compositors: ['wall*'], quota: { tiles: 1 } };
  t.equal(findExcess(live, same, undo, { settings: {}, principal }), undefined);
});

t.test('whoever is over a quota may still replace and remove', async (t) => {
  const none = { tiles: 1, compositors: 1, bytes: 1, tilesPerCompositor: 1, bytesPerCompositor: 1 };
  t.equal(excess(tilePatch({ '0,0': null }), none), undefined);
  t.equal(excess(tilePatch({ '0,0': 'z' }), none), undefined, 'the same size');
  t.equal(excess(tilePatch({ '0,0': null, '5,5': 'z' }), none), undefined, 'moved');
  t.equal(excess(emptyPatch(), none), undefined);
  t.match(excess(tilePatch({ '0,0': 'longer' }), none), { quota: 'quota.bytes' });
});

law(
  t,
  'no accepted patch makes usage exceed a quota that it did not exceed, and no removal is refused',
  [manifests(cellKey), patches(cellKey), fc.nat(6), fc.nat(20_000)],
  (manifest, patch, tiles, bytes) => {
    const live = new LiveManifest(copyManifest(manifest));
    const settings = { tiles, bytes, compositors: 2 };
    const undo = inverse(manifest, patch);
    const before = exceededQuotas(live.usage, settings).map(({ quota }) => quota);
    const found = findExcess(live, patch, undo, { settings });
    live.apply(patch);
    const after = exceededQuotas(live.usage, settings);
    if (!found) for (const { quota } of after) assert.ok(before.includes(quota), quota);
    else assert.ok(after.some(({ quota, used }) => quota === found.quota && used === found.needed));
    const removal = patchOf({ tiles: new Map([...manifest.tiles.keys()].map((key) => [key, null])) });
    const fresh = new LiveManifest(copyManifest(manifest));
    assert.equal(findExcess(fresh, removal, inverse(manifest, removal), { settings }), undefined);
  },
);

t.test('without a setting, the memory of the process decides', async (t) => {
  const mebibyte = 2 ** 20;
  t.equal(defaultBytes(256 * mebibyte, 64 * mebibyte), 48 * mebibyte, '512 MiB, of which V8 takes half');
  t.equal(defaultBytes(64 * mebibyte, 64 * mebibyte), 16 * mebibyte, 'never none');
  t.ok(defaultBytes(2048 * mebibyte, 64 * mebibyte) > 1_000_000 * 550, 'a million tiles in 4 GiB');
});

t.test('a token for some compositors has a quota of tiles even when it names none', async (t) => {
  const settings = { tilesPerToken: 4 };
  const bound = { compositors: ['wall'] };
  t.strictSame(excess(more, settings, bound), { quota: 'token.tiles', limit: 4, used: 3, needed: 5 });
  t.equal(excess(more, settings, { ...bound, quota: { tiles: 5 } }), undefined, 'its own counts');
  t.match(excess(more, settings, { ...bound, quota: { compositors: 5 } }), { quota: 'token.tiles' });
  t.equal(excess(more, settings, {}), undefined, 'tokens without limits have none');
  t.equal(excess(more, {}, bound), undefined);
});
