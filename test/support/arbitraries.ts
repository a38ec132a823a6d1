import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Commit } from '../../src/domain/commit.ts';
import { COMMAND_METHODS } from '../../src/domain/command-routes.ts';
import { makeCompositor, PROTOCOLS, type Compositor } from '../../src/domain/compositor.ts';
import { GENESIS, nextCursor, type Cursor } from '../../src/domain/cursor.ts';
import { digestOf, formatDigest } from '../../src/domain/digest.ts';
import type { Manifest, Patch } from '../../src/domain/patch.ts';
import type { Region } from '../../src/domain/region.ts';
import { INT32_MAX, INT32_MIN, type Tile } from '../../src/domain/tile.ts';
import { formatRect, type Rect, type View } from '../../src/domain/view.ts';
import { applied, endOf, inverse } from './algebra.ts';

/** Strings that plain objects, JSON, SSE, and careless code stumble over. */
export const HOSTILE = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    'valueOf',
    '',
    ' ',
    '0',
    '-1',
    'null',
  ],
  ...[
    '\0',
    '\r',
    '\n',
    'a\nevent: bye\n\n',
    '\u2028',
    '\u2029',
    '\ud800',
    '\ufeff',
    'e\u0301',
    '😀',
    '"',
    '\\',
    '</script>',
  ],
];

/** Any code point but a surrogate. fast-check's own `unit: 'binary'` is the same, and fills a table of a million for 1.5 s first. */
export const codePoint = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));

export const hostileString = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: codePoint, maxLength: 12 }),
);

/**
 * Of keys in JSON, none that it must escape: once V8 13.6 (Node 24) has parsed objects with the key `\\`, JSON.parse takes
 * other escaped keys for it. None of our keys can be such a one (tile keys are numbers, ids and labels plain).
 */
export const hostileKey = hostileString.filter((text) => JSON.stringify(text) === `"${text}"`);

/** Few, so that patches meet on the same entries: that is where laws break. */
export const CELL_KEYS = [
  ...['0,0', '1,0', '0,-1', '31,31', '32,31', '-32,-32', '-33,0', '100,-100'],
  ...[`${INT32_MIN},${INT32_MIN}`, `${INT32_MAX},${INT32_MAX}`, `${INT32_MIN},${INT32_MAX}`],
];
export const OWNERS = ['a', 'b', 'c', '__proto__', 'constructor'];

export const coordinate = fc.oneof(
  fc.constantFrom(INT32_MIN, INT32_MIN + 1, -33, -32, -1, 0, 1, 31, 32, INT32_MAX - 1, INT32_MAX),
  fc.integer({ min: -70, max: 70 }),
  fc.integer({ min: INT32_MIN, max: INT32_MAX }),
);

export const cellKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CELL_KEYS) },
  { weight: 1, arbitrary: fc.tuple(coordinate, coordinate).map(([x, y]) => `${x},${y}`) },
);

/** The algebra is over any keys, so it is tried on any. */
export const anyKey = fc.oneof({ weight: 4, arbitrary: cellKey }, { weight: 1, arbitrary: hostileKey });

export const owner = fc.constantFrom(...OWNERS);

export const tile: fc.Arbitrary<Tile> = fc.record(
  {
    brick: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('wall.png', 'door.png') },
      { weight: 1, arbitrary: hostileString },
    ),
    // JSON can carry -0, and a log cannot.
    timestamp: fc.oneof(
      fc.constantFrom(0, -0, 1, 1.5, 1700000000.25),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    compositor: owner,
  },
  { noNullPrototype: true },
);

export const rect: fc.Arbitrary<Rect> = fc
  .tuple(coordinate, coordinate, coordinate, coordinate)
  .map(([a, b, c, d]) => ({
    x1: Math.min(a, c),
    y1: Math.min(b, d),
    x2: Math.max(a, c),
    y2: Math.max(b, d),
  }));

export const regionId = fc.constantFrom('Ra', 'Rb', 'R_proto_', 'Rc-1');

export const region: fc.Arbitrary<Region> = fc.record(
  {
    rect: rect.map(formatRect),
    compositor: owner,
    purpose: fc.constantFrom('', 'build', '😀 "'),
    exclusive: fc.boolean(),
    ttl: fc.constantFrom(1, 300),
    generation: fc.constantFrom('g1', 'g2'),
  },
  { noNullPrototype: true },
);

const REGISTERED = '2024-01-01T00:00:00.000Z';

export function compositors(id: fc.Arbitrary<string> = owner): fc.Arbitrary<Compositor> {
  return fc
    .record(
      {
        id,
        name: hostileString,
        labels: fc.dictionary(hostileKey, hostileString, { maxKeys: 3 }),
        capabilities: fc.array(hostileString, { maxLength: 2 }),
        commands: fc.dictionary(
          fc.constantFrom('b', 'a', 'constructor'),
          fc.record({ path: fc.constantFrom('/x', '/{id}'), method: fc.constantFrom(...COMMAND_METHODS) }),
        ),
        enabled: fc.boolean(),
        registeredAt: fc.constant(REGISTERED),
        version: hostileString,
        platform: fc.constantFrom('linux', 'macos'),
        protocol: fc.constantFrom(...PROTOCOLS),
        address: fc.constant('127.0.0.1'),
        port: fc.integer({ min: 1, max: 65535 }),
        ttl: fc.integer({ min: 1, max: 86400 }),
        generation: fc.constantFrom('g1', 'g2'),
        instance: hostileString,
        managedBy: fc.constant('studio'),
        staleAt: fc.constant('2024-01-02T00:00:00.000Z'),
        link: fc.constantFrom('connected' as const, 'disconnected' as const),
      },
      { requiredKeys: ['id', 'name', 'labels', 'capabilities', 'enabled', 'registeredAt'] },
    )
    .map(makeCompositor);
}

function maps<T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>): fc.Arbitrary<Map<string, T>> {
  return fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 8 })
    .map((entries) => new Map(entries));
}

/** Cheap ones, for the laws that only ask whether two entries are equal; {@link compositors} makes every shape. */
const entry = fc
  .tuple(owner, fc.constantFrom('Wall', 'Door', ...HOSTILE), fc.boolean())
  .map(([id, name, enabled]) =>
    makeCompositor({ id, name, enabled, labels: { [name]: id }, capabilities: [], registeredAt: REGISTERED }),
  );

export function manifests(key: fc.Arbitrary<string> = anyKey): fc.Arbitrary<Manifest> {
  return fc.record({
    compositors: maps(owner, entry),
    tiles: maps(key, tile),
    regions: maps(regionId, region),
  });
}

export function patches(key: fc.Arbitrary<string> = anyKey): fc.Arbitrary<Patch> {
  return fc.record({
    compositors: maps(owner, fc.option(entry, { freq: 3 })),
    tiles: maps(key, fc.option(tile, { freq: 3 })),
    regions: maps(regionId, fc.option(region, { freq: 3 })),
  });
}

/** The whole map, a rectangle, some owners (or none at all), or both. */
export const view: fc.Arbitrary<View> = fc.record(
  { rect, compositors: fc.subarray(OWNERS).map((ids) => new Set(ids)) },
  { requiredKeys: [] },
);

/** A run of commits, and the manifest before the first and after each. */
export interface Chain {
  readonly base: Cursor;
  readonly states: readonly Manifest[];
  readonly commits: readonly Commit[];
}

/** `run`: patches, and ids of compositors that are withdrawn: such a commit names all their tiles, as in a history. */
export function chainOf(start: Manifest, run: readonly (Patch | string)[], base: Cursor = GENESIS): Chain {
  const states = [start];
  const commits: Commit[] = [];
  for (const [i, change] of run.entries()) {
    const before = states[i]!;
    const withdraws = typeof change === 'string' ? change : undefined;
    const patch = typeof change === 'string' ? endOf(before, change) : change;
    const after = applied(before, patch);
    const prev = commits.at(-1)?.cursor ?? base;
    const id = `commit-${i}`;
    states.push(after);
    commits.push({
      ...{ cursor: nextCursor(prev, id), prev, id, patch, undo: inverse(before, patch) },
      ...{ digest: formatDigest(digestOf(after.tiles)), committedAt: 1000 * i, by: 'a', origin: 'here' },
      ...(withdraws !== undefined && { withdraws }),
    });
  }
  return { base, states, commits };
}

export function chains(key: fc.Arbitrary<string> = cellKey, maxLength = 8): fc.Arbitrary<Chain> {
  return fc
    .tuple(manifests(key), fc.array(change(key), { maxLength }))
    .map(([start, run]) => chainOf(start, run));
}

/** A patch, or seldom the end of a compositor with all its tiles. */
export function change(key: fc.Arbitrary<string> = cellKey): fc.Arbitrary<Patch | string> {
  return fc.oneof(
    { weight: 4, arbitrary: patches(key) },
    { weight: 1, arbitrary: fc.constantFrom(...OWNERS) },
  );
}

/** The same text for equal manifests (or patches), in whatever order they were filled. */
export function canonical(entries: Manifest | Patch): string {
  return JSON.stringify([sorted(entries.compositors), sorted(entries.tiles), sorted(entries.regions)]);
}

export function same(a: Manifest | Patch, b: Manifest | Patch): void {
  assert.equal(canonical(a), canonical(b));
}

function sorted(map: ReadonlyMap<string, unknown>): unknown[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
