// One compositor that several sources describe is one compositor.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Problem } from '../../src/config/raw-config.ts';
import { sameCompositors, type NamedEntry } from '../../src/config/same-compositors.ts';
import { law } from '../domain/law.ts';
import { configOf, problemsOf } from './table.ts';

const NAME = 'Geometry Compositor 1';
const FLAGS = { name: [NAME], protocol: ['http'], address: ['127.0.0.1'], port: ['5000'] };
const file = (yaml: string, list: unknown = []) => ({
  'compositord.yaml': yaml,
  'compositors.json': JSON.stringify(list),
});

t.test(
  'a list, a section and flags name one compositor: each field from the most specific of them',
  async (t) => {
    const files = file(
      `compositor1: { name: "${NAME}", port: 4000, address: wall.local, protocol: ws, platform: linux }`,
      [{ name: NAME, version: '2.1', platform: 'macos', labels: { room: 'lobby' } }],
    );
    const { config, origins } = configOf({ files, flags: { name: [NAME], port: ['5000'] } });
    t.same(config.compositors, [
      {
        id: 'compositor1',
        name: NAME,
        version: '2.1',
        platform: 'linux',
        labels: { room: 'lobby' },
        protocol: 'ws',
        address: 'wall.local',
        port: 5000,
      },
    ]);
    const { places, fields } = origins.compositors.get('compositor1')!;
    t.same(places, ['--name', 'compositord.yaml:1:1', 'compositors.json:1:2']);
    t.match(Object.fromEntries(fields), {
      name: '--name',
      port: '--port',
      address: /^compositord\.yaml:1:/,
      platform: /^compositord\.yaml:1:/,
      version: /^compositors\.json:1:/,
      labels: /^compositors\.json:1:/,
    });
    t.same(config.warnings, []);
  },
);

t.test('what makes two entries one', async (t) => {
  const idsOf = (yaml: string, list: unknown, flags = {}) =>
    configOf({ files: file(yaml, list), flags }).config.compositors.map(({ id, name }) => `${id}: ${name}`);
  t.same(
    idsOf('wall: {}', [{ name: 'Wall' }]),
    ['wall: Wall'],
    'the id that is made of a name, and a name that is given',
  );
  t.same(idsOf('wall: { name: The Wall }', [{ id: 'wall', name: 'Wall' }]), ['wall: The Wall'], 'the id');
  t.same(idsOf('', [{ id: 'one', name: NAME }], { name: [NAME] }), [`one: ${NAME}`], 'the name');
  const endpoint = 'protocol: http, address: Wall.local, port: 1';
  t.same(
    idsOf(`wall: { ${endpoint} }`, [{ name: 'X', protocol: 'http', address: 'wall.local', port: 1 }]),
    ['wall: X'],
    'protocol, address and port',
  );
  t.same(
    idsOf(`wall: { ${endpoint} }`, [{ name: 'X', protocol: 'https', address: 'wall.local', port: 1 }]),
    ['wall: wall', 'x: X'],
    'all three of them',
  );
  t.same(
    idsOf('wall: { address: a }', [{ name: 'X', address: 'a' }]),
    ['wall: wall', 'x: X'],
    'where a port is known',
  );
  t.same(
    idsOf(`b: { ${endpoint} }`, [{ name: 'A', version: '1' }], {
      name: ['A'],
      protocol: ['http'],
      address: ['wall.local'],
      port: ['1'],
    }),
    ['b: A'],
    'two that a third is the same as',
  );
  t.same(
    idsOf('a: { name: X }\nb: { name: X }', [], { name: ['X'], id: ['b'], address: ['here'] }),
    ['a: X', 'b: X'],
    'of two with one name that with the id',
  );
});

t.test('a field may complete an endpoint that another source begins', async (t) => {
  const { compositors } = configOf({
    files: file('wall: { protocol: http, address: a, port: 1 }'),
    flags: { name: ['wall'], port: ['2'] },
  }).config;
  t.same(compositors, [{ id: 'wall', name: 'wall', protocol: 'http', address: 'a', port: 2 }]);
  t.same(problemsOf({ files: file('wall: {}'), flags: { name: ['wall'], port: ['2'] } }), [
    "--name: a port without an address: give the compositor's address too",
  ]);
});

t.test('a contradiction is refused, with both places', async (t) => {
  t.same(problemsOf({ files: file(`one: { name: "${NAME}" }`, [{ id: 'two', name: NAME }]) }), [
    `compositord.yaml:1:1: has the name "${NAME}" of the compositor at compositors.json:1:2, but the id one, not two: give both one id, or make them differ`,
  ]);
  t.same(
    problemsOf({
      files: file(`one: { name: "${NAME}" }`, [{ name: NAME }]),
      flags: { ...FLAGS, id: ['two'] },
    }),
    [
      `--name: has the name "${NAME}" of the compositor at compositord.yaml:1:1, but the id two, not one: give both one id, or make them differ`,
    ],
  );
  const endpoint = 'protocol: http, address: 127.0.0.1, port: 5000';
  t.same(problemsOf({ files: file(`one: { ${endpoint} }`), flags: { ...FLAGS, id: ['two'] } }), [
    '--name: has the protocol, address and port of the compositor at compositord.yaml:1:1, but the id two, not one: give both one id, or make them differ',
  ]);
  t.same(problemsOf({ files: file(`one: { ${endpoint} }\ntwo: { name: "${NAME}" }`), flags: FLAGS }), [
    '--name: by its id, name or address it is the compositor at compositord.yaml:1:1 and the one at compositord.yaml:2:1: give it the id of one of them',
  ]);
});

t.test('a value that a more specific source overrides must be right all the same', async (t) => {
  t.match(
    problemsOf({ files: file('wall: { port: 0 }'), flags: { name: ['wall'], port: ['1'], address: ['a'] } }),
    [/^compositord\.yaml:1:15: port must be/],
  );
});

t.test('two compositors at one address are a warning', async (t) => {
  const endpoint = { protocol: 'http', address: 'a', port: 1 };
  const list = [
    { id: 'x', name: 'X', ...endpoint },
    { id: 'y', name: 'Y', ...endpoint },
    { id: 'z', name: 'Z', address: 'a' },
  ];
  const { compositors, warnings } = configOf({ files: file('', list) }).config;
  t.equal(compositors.length, 3);
  t.match(warnings, [
    /^compositors\.json:1:\d+: y has the protocol, address and port of x, at compositors\.json:1:\d+: the daemon connects there for each of them$/,
  ]);
});

const text = fc.constantFrom('a', 'b', 'c');
const source = fc.uniqueArray(
  fc.record({
    where: fc.uuid(),
    id: text,
    isIdGiven: fc.boolean(),
    name: text,
    endpoint: fc.option(text, { nil: undefined }),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
);

law(
  t,
  'each entry is in one group, and groups that are no contradiction have one id, one entry a source, and share no name across sources',
  [fc.array(source, { maxLength: 3 })],
  (sources: NamedEntry[][]) => {
    const problems: Problem[] = [];
    const groups = sameCompositors(sources, problems);
    assert.deepEqual(new Set(groups.flat()), new Set(sources.flat()));
    assert.equal(groups.flat().length, sources.flat().length);
    if (problems.length > 0) return;
    const sourceOf = (one: NamedEntry) => sources.findIndex((each) => each.includes(one));
    for (const group of groups) {
      assert.equal(new Set(group.map(sourceOf)).size, group.length);
      assert.ok(new Set(group.filter(({ isIdGiven }) => isIdGiven).map(({ id }) => id)).size <= 1);
      for (const one of group)
        for (const other of sources.flat()) {
          if (sourceOf(one) >= sourceOf(other)) continue;
          if (one.id === other.id) assert.ok(group.includes(other));
          const isDecided = sources[sourceOf(other)]!.some(({ isIdGiven, id }) => isIdGiven && id === one.id);
          if (one.isIdGiven && isDecided) continue;
          if (one.name === other.name) assert.ok(group.includes(other));
        }
    }
  },
);
