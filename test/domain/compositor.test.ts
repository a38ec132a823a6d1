import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  isCompositorId,
  makeCompositor,
  sameCompositor,
  slugOf,
  STATUSES,
  statusOf,
  type Compositor,
  type CompositorFields,
} from '../../src/domain/compositor.ts';
import { compositors, HOSTILE, hostileString } from '../support/arbitraries.ts';
import { law } from './law.ts';

/** The same object, its keys in the opposite order, all the way down. */
const reversed = <T extends object>(of: T): T =>
  Object.fromEntries(
    Object.entries(of)
      .reverse()
      .map(([key, value]) => [
        key,
        typeof value === 'object' && !Array.isArray(value) ? reversed(value as object) : value,
      ]),
  ) as T;

law(
  t,
  'made again, a compositor is the same, whatever order its fields came in',
  [compositors()],
  (entry) => {
    assert.equal(JSON.stringify(makeCompositor(entry)), JSON.stringify(entry));
    assert.equal(JSON.stringify(makeCompositor(reversed(entry))), JSON.stringify(entry));
    assert.equal(
      JSON.stringify(makeCompositor(JSON.parse(JSON.stringify(entry)) as Compositor)),
      JSON.stringify(entry),
    );
  },
);

law(t, 'a field that is undefined is a field left out', [compositors()], (entry) => {
  const all = [
    'version',
    'platform',
    'protocol',
    'address',
    'port',
    'ttl',
    'generation',
    'instance',
    'managedBy',
    'staleAt',
    'link',
  ];
  const explicit = {
    ...Object.fromEntries(all.map((key) => [key, undefined])),
    ...entry,
  } as CompositorFields;
  assert.equal(JSON.stringify(makeCompositor(explicit)), JSON.stringify(entry));
  assert.ok(Object.values(makeCompositor(explicit)).every((value) => value !== undefined));
});

law(
  t,
  'the status given is never believed, always derived',
  [compositors(), fc.constantFrom(...STATUSES)],
  (entry, status) => {
    assert.equal(makeCompositor({ ...entry, status } as Compositor).status, statusOf(entry));
  },
);

law(t, 'nothing is lost', [compositors()], (entry) => {
  const made = makeCompositor(entry) as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(entry)) assert.deepEqual(made[key], value, key);
});

law(t, 'entries are the same when they are equal as JSON', [compositors(), compositors()], (a, b) => {
  assert.equal(sameCompositor(a, structuredClone(a)), true);
  assert.equal(sameCompositor(a, b), JSON.stringify(a) === JSON.stringify(b));
  assert.equal(sameCompositor(a, null), false);
  assert.equal(sameCompositor(undefined, b), false);
  assert.equal(sameCompositor(a, makeCompositor({ ...a, name: `${a.name}!` })), false);
});

t.test('no compositor is the same as no compositor', async (t) => {
  for (const a of [null, undefined]) for (const b of [null, undefined]) t.equal(sameCompositor(a, b), true);
});

t.test('left out, labels and capabilities are empty, and it is enabled', async (t) => {
  const fields = { id: 'a', name: 'A', registeredAt: 'now' };
  const made = makeCompositor({ ...fields, labels: undefined, capabilities: undefined, enabled: undefined });
  t.strictSame(made, { ...fields, status: 'registered', labels: {}, capabilities: [], enabled: true });
});

t.test('labels called like parts of an object are labels', async (t) => {
  const labels = JSON.parse('{"__proto__":"p","constructor":"c","a":"b"}') as Record<string, string>;
  const made = makeCompositor({
    id: 'a',
    name: 'A',
    registeredAt: 'now',
    labels,
    capabilities: [],
    enabled: true,
  });
  t.strictSame(Object.entries(made.labels), [
    ['__proto__', 'p'],
    ['a', 'b'],
    ['constructor', 'c'],
  ]);
  t.equal(Object.getPrototypeOf(made.labels), Object.prototype);
});

t.test('status', async (t) => {
  const stale = '2024-01-01T00:00:00.000Z';
  const cases: [CompositorFields['enabled'], string | undefined, CompositorFields['link'], string][] = [
    [true, undefined, undefined, 'registered'],
    [undefined, undefined, undefined, 'registered'],
    [true, undefined, 'connected', 'connected'],
    [true, undefined, 'disconnected', 'disconnected'],
    [true, stale, undefined, 'stale'],
    [true, stale, 'connected', 'stale'],
    [undefined, stale, 'disconnected', 'stale'],
    [false, undefined, undefined, 'stopped'],
    [false, undefined, 'connected', 'stopped'],
    [false, stale, 'disconnected', 'stopped'],
  ];
  for (const [enabled, staleAt, link, status] of cases)
    t.equal(statusOf({ enabled, staleAt, link }), status, `${enabled} ${staleAt} ${link}`);
});

t.test('ids', async (t) => {
  const good = [
    'a',
    '0',
    'wall',
    'geometry-compositor-1',
    'a.b_c-d',
    'constructor',
    '9'.repeat(64),
    `a${'-'.repeat(63)}`,
  ];
  t.strictSame(good.filter(isCompositorId), good);
  const bad = [
    '',
    'A',
    '-a',
    '.a',
    '_a',
    '__proto__',
    'a b',
    'a:b',
    'a/b',
    'a\n',
    'toString',
    'é',
    'a'.repeat(65),
    'a'.repeat(1e6),
  ];
  t.strictSame(bad.filter(isCompositorId), []);
});

t.test('slugs', async (t) => {
  for (const [name, slug] of [
    ['Geometry Compositor 1', 'geometry-compositor-1'],
    ['wall', 'wall'],
    ['  Wall!  ', 'wall'],
    ['--a--b--', 'a-b'],
    ['Zoë’s Café', 'zoe-s-cafe'],
    ['Ａｂｃ', 'abc'],
    ['ﬁ ½', 'fi-1-2'],
    ['İstanbul', 'istanbul'],
    ['a.b_c', 'a-b-c'],
    ['__proto__', 'proto'],
    ['toString', 'tostring'],
    ['../../etc/passwd', 'etc-passwd'],
    [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
    ['x'.repeat(1000), 'x'.repeat(64)],
    ['', undefined],
    ['  ', undefined],
    ['日本', undefined],
    ['😀', undefined],
    ['\u0301', undefined],
  ])
    t.equal(slugOf(name!), slug, slug ?? 'nothing left');
});

const names = fc.oneof(
  hostileString,
  fc.string({ unit: 'grapheme', maxLength: 90 }),
  fc.constantFrom(...HOSTILE),
);

law(t, 'a slug is an id, and its own slug', [names], (name) => {
  const slug = slugOf(name);
  if (slug === undefined) return;
  assert.ok(isCompositorId(slug), slug);
  assert.equal(slugOf(slug), slug);
  assert.equal(slugOf(name.toUpperCase().toLowerCase()) !== undefined, true);
});
