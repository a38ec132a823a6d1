import t from 'tap';
import { configOf, problemsOf } from './table.ts';

const seed = { name: 'Geometry Compositor 1', protocol: 'http', address: '127.0.0.1', port: 5000 };

t.test('flags, a section and a list add the same compositor', async (t) => {
  const section = [
    'geometry-compositor-1:',
    '  name: "Geometry Compositor 1"',
    '  port: 5000',
    '  address: 127.0.0.1',
    '  protocol: http',
  ].join('\n');
  const flags = {
    name: ['Geometry Compositor 1'],
    port: ['5000'],
    address: ['127.0.0.1'],
    protocol: ['http'],
  };
  const expected = [{ ...seed, id: 'geometry-compositor-1' }];
  t.same(configOf({ flags }).config.compositors, expected);
  t.same(configOf({ files: { 'compositord.yaml': section } }).config.compositors, expected);
  // Tabs, as JSON may have them.
  const list = JSON.stringify([seed], null, '\t');
  t.same(configOf({ files: { 'compositors.json': list } }).config.compositors, expected);
});

t.test('the id of a section is its key, of the others their own or made of the name', async (t) => {
  const files = {
    'etc/c.yaml':
      'Compositor_1: { name: One, labels: { room: lobby, a/b: "" }, capabilities: [x], enabled: false }\n7: {}',
    'etc/compositors.json': '[{"id": "two", "name": "Zwei"}, {"name": "Drei"}]',
  };
  const flags = { config: ['etc/c.yaml'], name: ['Four'], id: ['4'] };
  const { config, origins } = configOf({ files, flags });
  t.same(config.compositors, [
    {
      id: 'compositor-1',
      name: 'One',
      labels: { room: 'lobby', 'a/b': '' },
      capabilities: ['x'],
      enabled: false,
    },
    { id: '7', name: '7' },
    { id: 'two', name: 'Zwei' },
    { id: 'drei', name: 'Drei' },
    { id: '4', name: 'Four' },
  ]);
  t.same(
    [...origins.compositors],
    [
      ['compositor-1', 'etc/c.yaml:1:1'],
      ['7', 'etc/c.yaml:2:1'],
      ['two', 'etc/compositors.json:1:2'],
      ['drei', 'etc/compositors.json:1:33'],
      ['4', '--name'],
    ],
  );
});

t.test('a list of another name, and what was read', async (t) => {
  const files = { 'etc/c.yaml': 'daemon: { compositors: fleet.json }', 'fleet.json': '[{"name": "Wall"}]' };
  const flags = { config: ['etc/c.yaml'] };
  const loaded = configOf({ files: { ...files, 'etc/compositors.json': '[' }, flags });
  t.same(loaded.config.compositors, [{ id: 'wall', name: 'Wall' }]);
  t.same([...loaded.files], Object.entries(files));
  t.same([...configOf({}).files.keys()], ['compositord.yaml', 'compositors.json'], 'what is not there, too');
  const env = { COMPOSITORD_COMPOSITORS: 'none.json' };
  t.same(problemsOf({ env }), ['COMPOSITORD_COMPOSITORS: cannot read none.json: there is no such file']);
  t.same(problemsOf({ files: { ...files, 'fleet.json': '[4]' }, flags }), [
    'fleet.json:1:2: a compositor must be an object',
  ]);
});

t.test('the limits of a section, under the id that it gets', async (t) => {
  const limits = (text: string) =>
    configOf({ files: { 'compositord.yaml': `Wall 1: { limits: ${text} }` } }).config.compositors[0]?.limits;
  const own = { compositors: ['wall-1'] };
  t.same(limits('{ view: "9,9,0,0", quota: { bytes: 1 MiB, tiles: 5 }, takeover: true }'), {
    ...own,
    view: '0,0,9,9',
    quota: { tiles: 5, bytes: 2 ** 20 },
    scopes: ['takeover'],
  });
  t.same(limits('{ takeover: false }'), own);
  t.same(limits('{}'), own, 'a compositor that takes nothing from others');
});

t.test('bad compositors', async (t) => {
  const sections: [string, RegExp][] = [
    ['wall:', /the compositor "wall" must be a mapping/],
    ['wall: 4', /must be a mapping/],
    ['wall: { name: "" }', /name must be 1 to 128 printable characters/],
    ['wall: { name: "a\\nb" }', /name must be/],
    ['wall: { name: 4 }', /name must be/],
    ['wall: { id: x }', /unknown field "id"/],
    ['wall: { port: "5000", address: a }', /port must be a whole number from 1 to 65535, not "5000"/],
    ['wall: { port: 5000 }', /a port without an address/],
    ['wall: { protocol: http }', /a protocol without an address/],
    ['wall: { labels: { __proto__: x } }', /labels must be/],
    ['wall: { address: "a b" }', /address must be a host name/],
    ['wall: { name: "\\ud800" }', /name must be/],
    ['wall: { labels: [a] }', /labels must be/],
    ['wall: { capabilities: { a: b } }', /capabilities must be/],
    ['wall: { enabled: "no" }', /enabled must be true or false/],
    ['wall: { limits: 4 }', /limits must be a mapping of view, quota and takeover/],
    ['wall: { limits: { view: "0,0,9" } }', /limits must be/],
    ['wall: { limits: { quota: { tiles: -1 } } }', /limits must be/],
    ['wall: { limits: { quota: { bricks: 1 } } }', /limits must be/],
    ['wall: { limits: { takeover: "yes" } }', /limits must be/],
    ['wall: { limits: { compositors: [door] } }', /limits must be/],
    ['"日本": {}', /no id can be made of "日本"/],
    [
      'Wall: {}\nwall: {}',
      /^compositord.yaml:2:1: there is a compositor with the id wall already, at compositord.yaml:1:1$/,
    ],
  ];
  for (const [text, expected] of sections) {
    const problems = problemsOf({ files: { 'compositord.yaml': text } });
    t.equal(problems.length, 1, `${text}: ${problems.join('; ')}`);
    t.match(problems[0], expected);
  }
  const lists: [string, RegExp][] = [
    ['{}', /^compositors.json:1:1: must be a list of compositors$/],
    ['[4]', /^compositors.json:1:2: a compositor must be an object$/],
    ['[{}]', /a compositor must have a name/],
    ['[{"id": "A B", "name": "x"}]', /id must be lower-case letters/],
    ['[{"name": "x"}, {"name": "X"}]', /the id x already/],
    ['[{"name": "x"', /^compositors.json:1:/],
  ];
  for (const [text, expected] of lists)
    t.match(problemsOf({ files: { 'compositors.json': text } })[0], expected, text);
  t.match(problemsOf({ flags: { port: ['1'] } }), ['--port: describes a compositor: give its --name too']);
  t.match(problemsOf({ flags: { name: ['x'], port: ['x'], address: ['a'] } }), [/^--port: port must be/]);
  t.match(problemsOf({ flags: { name: ['Wall'] }, files: { 'compositord.yaml': 'wall: {}' } }), [
    '--name: there is a compositor with the id wall already, at compositord.yaml:1:1',
  ]);
});
