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
    Array.from(origins.compositors, ([id, { places }]) => [id, ...places]),
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
  const looked = ['compositord.yaml', 'compositord.yml', 'compositors.json'];
  t.same([...configOf({}).files.keys()], looked, 'what is not there, too');
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
    ['wall: { name: " \\u200B" }', /name must be 1 to 128 printable characters, not only blank ones/],
    ['wall: { platform: "a\\u202Eb" }', /platform must be 1 to 64 printable characters/],
    ['wall: { labels: { room: "\\u2066a" } }', /labels must be a mapping/],
    ['wall: { capabilities: ["\\u3164"] }', /capabilities must be a list/],
    ['wall: { name: "a\\nb" }', /name must be/],
    ['wall: { name: 4 }', /name must be/],
    ['wall: { id: x }', /unknown field "id"/],
    ['wall: { port: "5000", address: a }', /port must be a whole number from 1 to 65535, not "5000"/],
    ['wall: { port: 5000 }', /a port without an address/],
    ['wall: { protocol: http }', /a protocol without an address/],
    ['wall: { labels: { __proto__: x } }', /labels must be/],
    ['wall: { address: "a b" }', /address must be a host name/],
    // What templates and habits leave there.
    ...['http://127.0.0.1', '127.0.0.1:5000', '${COMPOSITOR_HOST}', 'user@host', 'host/path', '[::1', ''].map(
      (address): [string, RegExp] => [
        `wall: { address: "${address}" }`,
        /address must be a host name or an IP address \(for libp2p a multiaddr\), without a scheme/,
      ],
    ),
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
});

t.test('commands as they are written, and those of a backend that is known', async (t) => {
  const commandsOf = (fields: string) =>
    configOf({ files: { 'compositord.yaml': `Wall 1: { ${fields} }` } }).config.compositors[0]?.commands;
  const spawn = { method: 'POST', path: '/api/terminal/spawn' };
  t.same(commandsOf('commands: { terminal.spawn: { method: POST, path: /api/terminal/spawn } }'), {
    'terminal.spawn': spawn,
  });
  t.same(commandsOf('commands: {}'), {}, 'a compositor that takes none');
  t.equal(commandsOf(''), undefined);
  t.match(commandsOf('backend: infinite_map_rs'), {
    'terminal.spawn': spawn,
    'terminal.destroy': { method: 'DELETE', path: '/api/terminal/{id}' },
  });
  const own = commandsOf(
    'backend: infinite_map_rs, commands: { scan: { method: GET, path: /scan }, extra: { method: PUT, path: /x } }',
  );
  t.match(own, { scan: { path: '/scan' }, extra: { path: '/x' }, 'terminal.spawn': spawn }, 'on top of them');
  for (const commands of [
    '4',
    '[a]',
    '{ a: POST /x }',
    '{ a: { method: POST } }',
    '{ a: { method: POST, path: x } }',
    '{ a: { method: POST, path: /x/../y } }',
    '{ a: { method: POST, path: "/x?y=1" } }',
    '{ a: { method: POST, path: "/a//b" } }',
    '{ a: { method: POST, path: "/%2e%2e/b" } }',
    '{ a: { method: post, path: /x } }',
    '{ a: { method: POST, path: /x, body: 1 } }',
    '{ "a b": { method: POST, path: /x } }',
    '{ __proto__: { method: POST, path: /x } }',
  ])
    t.match(
      problemsOf({ files: { 'compositord.yaml': `w: { commands: ${commands} }` } }),
      [/^compositord\.yaml:1:\d+: commands must be a mapping/],
      commands,
    );
  t.match(problemsOf({ files: { 'compositord.yaml': 'w: { backend: other }' } }), [
    /backend must be one of infinite_map_rs, not "other"/,
  ]);
});

t.test('addresses that a connection can be made to', async (t) => {
  for (const [address, protocol] of [
    ...['::1', '[::1]', 'wall', 'wall.local.', 'a_b', 'bücher.example'].map((name) => [name, 'ws'] as const),
    ['/ip4/10.0.0.7/tcp/5000', 'libp2p'],
  ] as const) {
    const files = { 'compositord.yaml': `wall: { address: "${address}", protocol: ${protocol} }` };
    t.equal(configOf({ files }).config.compositors[0]?.address, address);
  }
});

t.test('libp2p needs a multiaddr, also where two sources make one compositor', async (t) => {
  const message =
    'address must be a multiaddr such as /ip4/10.0.0.7/tcp/5000 where the protocol is libp2p, at';
  const section = 'wall: { address: 127.0.0.1, protocol: libp2p }';
  t.same(problemsOf({ files: { 'compositord.yaml': section } }), [
    `compositord.yaml:1:18: ${message} compositord.yaml:1:39`,
  ]);
  const files = {
    'compositord.yaml': 'wall: { protocol: libp2p }',
    'compositors.json': '[{ "id": "wall", "name": "Wall", "address": "127.0.0.1", "port": 5000 }]',
  };
  t.match(problemsOf({ files }), [
    /^compositors\.json:1:\d+: address must be .+, at compositord\.yaml:1:19$/,
  ]);
});
