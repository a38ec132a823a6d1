import t, { type Test } from 'tap';
import { build, type Built } from '../support/build.ts';

/** What is wrong with a request, and the fields that its problem must name. */
type Case = [what: string, payload: unknown, fields: string[]];

const LONG = 'x'.repeat(300);

const REGISTRATIONS: Case[] = [
  ['an unknown field', { name: 'A', nmae: 'B' }, ['/nmae']],
  ['no name', {}, ['/name']],
  ['two wrong types', { name: 5, port: '5000' }, ['/name', '/port']],
  ['a port out of range', { name: 'A', port: 65536 }, ['/port']],
  ['a port with a fraction', { name: 'A', port: 1.5 }, ['/port']],
  ['a TTL beyond a day', { name: 'A', ttl: 86_401 }, ['/ttl']],
  ['a TTL beyond 2^53', { name: 'A', ttl: 2 ** 60 }, ['/ttl']],
  ['an empty name', { name: '' }, ['/name']],
  ['a long name', { name: LONG }, ['/name']],
  ['CR in a name', { name: 'a\rb' }, ['/name']],
  ['LF in a name', { name: 'a\nevent: forged' }, ['/name']],
  ['NUL in a name', { name: 'a\0b' }, ['/name']],
  ['U+2028 in a name', { name: 'a\u2028b' }, ['/name']],
  ['half a surrogate pair in a name', { name: 'a\ud800b' }, ['/name']],
  ['a name of which no id can be made', { name: '***' }, ['/id']],
  ['an id in capitals', { name: 'A', id: 'Wall' }, ['/id']],
  ['__proto__ as id', { name: 'A', id: '__proto__' }, ['/id']],
  ['toString as id', { name: 'A', id: 'toString' }, ['/id']],
  ['an unknown protocol', { name: 'A', protocol: 'gopher' }, ['/protocol']],
  ['an address with a space', { name: 'A', address: 'a b' }, ['/address']],
  ...['127.0.0.1', 'wall.local', '/dnsaddr/wall/tcp/1', '/ip4/127.0.0.1/tcp/0'].map((address): Case => [
    `libp2p with the address ${address}`,
    { name: 'A', protocol: 'libp2p', address, port: 4001 },
    ['/address'],
  ]),
  ['labels that are a list', { name: 'A', labels: [] }, ['/labels']],
  ['a label that is no text', { name: 'A', labels: { room: 5 } }, ['/labels/room']],
  ['a label key with a space', { name: 'A', labels: { 'a b': 'c' } }, ['/labels/a b']],
  [
    '65 labels',
    { name: 'A', labels: Object.fromEntries(numbered(65).map(([key]) => [key, 'x'])) },
    ['/labels'],
  ],
  ['65 capabilities', { name: 'A', capabilities: numbered(65).map(([key]) => key) }, ['/capabilities']],
  ['a capability that is no text', { name: 'A', capabilities: ['a', null] }, ['/capabilities/1']],
  ['a body that is a list', [], ['']],
  ['a body that is null', null, ['']],
];

const TILES: Case[] = [
  ['half a cell', { '1.5,2': { brick: 'a' } }, ['/1.5,2']],
  ['minus zero', { '-0,1': { brick: 'a' } }, ['/-0,1']],
  ['plus', { '+1,1': { brick: 'a' } }, ['/+1,1']],
  ['a leading zero', { '01,1': { brick: 'a' } }, ['/01,1']],
  ['a cell beyond 32 bits', { '2147483648,0': { brick: 'a' } }, ['/2147483648,0']],
  ['a cell beyond 2^53', { '9007199254740993,0': { brick: 'a' } }, ['/9007199254740993,0']],
  ['toString as a cell', { toString: { brick: 'a' } }, ['/toString']],
  ['constructor as a cell', { constructor: { brick: 'a' } }, ['/constructor']],
  ['an escaped name', { 'a/b~c': { brick: 'a' } }, ['/a~1b~0c']],
  ['no brick', { '0,0': {} }, ['/0,0/brick']],
  ['an unknown field', { '0,0': { brick: 'a', owner: 'me' } }, ['/0,0/owner']],
  ['a brick that is no text', { '0,0': { brick: 5 } }, ['/0,0/brick']],
  ['a brick that is a list, nested deep', { '0,0': { brick: nested(1000) } }, ['/0,0/brick']],
  ['an empty brick', { '0,0': { brick: '' } }, ['/0,0/brick']],
  ['a long brick', { '0,0': { brick: LONG } }, ['/0,0/brick']],
  ['LF in a brick', { '0,0': { brick: 'a\n\nevent: bye\ndata: {}\n\n' } }, ['/0,0/brick']],
  ['CR in a brick', { '0,0': { brick: 'a\r' } }, ['/0,0/brick']],
  ['NUL in a brick', { '0,0': { brick: '\0' } }, ['/0,0/brick']],
  ['a timestamp that is a text', { '0,0': { brick: 'a', timestamp: '1' } }, ['/0,0/timestamp']],
  ['a negative timestamp', { '0,0': { brick: 'a', timestamp: -1 } }, ['/0,0/timestamp']],
  ['a timestamp beyond 2^53', { '0,0': { brick: 'a', timestamp: 2 ** 53 } }, ['/0,0/timestamp']],
  ['a timestamp far ahead', { '0,0': { brick: 'a', timestamp: 9e9 } }, ['/0,0/timestamp']],
  ['a tile that is a text', { '0,0': 'a' }, ['/0,0']],
  ['one good tile and one wrong', { '0,0': { brick: 'a' }, '0,1': { brick: 1 } }, ['/0,1/brick']],
];

t.test('bad input gets a problem that names each field, and changes nothing', async (t) => {
  const built = await build(t);
  const { inject } = built;
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const before = built.app.replica.copy.head;

  for (const [what, payload, fields] of REGISTRATIONS) {
    await refused(t, built, { method: 'POST', url: '/compositors' }, what, payload, fields);
  }
  for (const [what, payload, fields] of TILES) {
    for (const method of ['PATCH', 'PUT'] as const) {
      await refused(
        t,
        built,
        { method, url: '/compositors/wall/tiles' },
        `${method} ${what}`,
        payload,
        fields,
      );
    }
  }
  await refused(
    t,
    built,
    { method: 'PUT', url: '/compositors/wall/tiles' },
    'null is no tile of a whole set',
    { '0,0': null },
    ['/0,0'],
  );
  t.equal(built.app.replica.copy.head, before, 'nothing was committed');
});

t.test('bodies that are no JSON, and too large ones', async (t) => {
  const { inject, app } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const before = app.replica.copy.head;
  const send = (payload: string | Buffer, type = 'application/json') =>
    inject({ method: 'PATCH', url: '/compositors/wall/tiles', headers: { 'content-type': type }, payload });
  const named = (detail: string) => ({
    status: 400,
    json: { type: '/problems/invalid-request', errors: [{ in: 'body', field: '', detail }] },
  });

  t.match(await send('{"0,0":'), named('is not JSON'));
  t.match(await send(''), named('is missing'));
  t.match(await send(Buffer.from([0x7b, 0xff, 0x7d])), named('is not UTF-8'));
  t.match(await send('['.repeat(400_000) + ']'.repeat(400_000)), { status: 400 }, 'nested 400,000 deep');
  t.match(await send('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)), { status: 400 });
  t.match(await send('{"0,0":{"brick":"a","timestamp":1e400}}'), { status: 400 }, 'infinite');
  t.match(await send('{}', 'text/plain'), {
    status: 415,
    json: { type: '/problems/unsupported-media-type' },
  });
  t.match(await send(`{"0,0":{"brick":"${'x'.repeat(1024 * 1024)}"}}`), {
    status: 413,
    json: { type: '/problems/too-large' },
  });
  const many = JSON.stringify(Object.fromEntries(numbered(10_001).map(([, n]) => [`${n},0`, null])));
  t.match(await send(many), { status: 413, json: { type: '/problems/too-large' } }, '10,001 tiles');
  t.match(
    await send('{"__proto__":{"brick":"a"}}'),
    { status: 400, json: { errors: [{ field: '/__proto__' }] } },
    '__proto__ as a cell',
  );
  t.equal(({} as Record<string, unknown>)['brick'], undefined, 'nothing is polluted');
  t.equal(app.replica.copy.head, before);

  const wrong = Object.fromEntries(numbered(50).map(([, n]) => [`${n}`, null]));
  const { json } = await send(JSON.stringify(wrong));
  t.equal(json.errors.length, 20, 'at most 20 fields are named');
});

t.test('words that objects are born with are ordinary labels where the grammar lets them', async (t) => {
  const { inject } = await build(t);
  const labels = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
  const made = await inject({
    method: 'POST',
    url: '/compositors',
    payload: { name: 'constructor', labels },
  });
  t.match(made, { status: 201, json: { compositor: { id: 'constructor' } } });
  t.strictSame(made.json.compositor.labels, labels);
  const other = await inject({ method: 'POST', url: '/compositors', payload: { name: 'Plain' } });
  t.strictSame(other.json.compositor.labels, {});
  const found = await inject('/compositors?label=toString=b');
  t.strictSame(
    found.json.items.map((each: { id: string }) => each.id),
    ['constructor'],
  );
  const proto = await inject({
    method: 'POST',
    url: '/compositors',
    headers: { 'content-type': 'application/json' },
    payload: '{"name":"A","labels":{"__proto__":"x"}}',
  });
  t.match(proto, { status: 400, json: { errors: [{ field: '/labels/__proto__' }] } });
  t.match(await inject('/manifest?compositor=__proto__'), { status: 400 });
  t.match(await inject('/manifest?compositor=constructor'), {
    json: { compositors: { constructor: { id: 'constructor' } } },
  });
});

t.test('wrong parameters are named, too', async (t) => {
  const { inject } = await build(t);
  const cases: [string, string, string][] = [
    ['/manifest?view=1,2,3', 'query', 'view'],
    ['/manifest?view=1,2,3,1e3', 'query', 'view'],
    ['/manifest?view=0,0,0,9007199254740993', 'query', 'view'],
    ['/manifest?view=1,1,1,1&view=2,2,2,2', 'query', 'view'],
    ['/manifest?veiw=1,2,3,4', 'query', 'veiw'],
    ['/manifest?compositor=A%20B', 'query', 'compositor'],
    ['/manifest?at=1', 'query', 'at'],
    ['/manifest?at=99999999999999999-00000000', 'query', 'at'],
    ['/manifest?revision=-1', 'query', 'revision'],
    ['/manifest?at=0-00000000&revision=0', 'query', 'at'],
    ['/manifest/changes', 'query', 'since'],
    ['/manifest/changes?since=0-00000000&wait=61', 'query', 'wait'],
    ['/manifest/changes?since=0-00000000&wait=NaN', 'query', 'wait'],
    ['/manifest/history?limit=1001', 'query', 'limit'],
    ['/manifest/history?limit=1.5', 'query', 'limit'],
    ['/manifest/history?after=newest', 'query', 'after'],
    ['/manifest/history?cell=3', 'query', 'cell'],
    ['/manifest/history?cell=3,2147483648', 'query', 'cell'],
    ['/manifest/history?by=A%20B', 'query', 'by'],
    ['/manifest/stream?view=x', 'query', 'view'],
    ...['', '-1', '17', '1.5', 'x', '1&zoom=2', 'NaN', '99999999999999999999'].flatMap((zoom) => [
      [`/manifest?zoom=${zoom}`, 'query', 'zoom'] satisfies [string, string, string],
      [`/manifest/stream?view=0,0,1,1&zoom=${zoom}`, 'query', 'zoom'] satisfies [string, string, string],
    ]),
    ['/manifest/changes?since=0-00000000&zoom=1', 'query', 'zoom'],
    ['/manifest?zoom=1&view=0,0,0,2147483648', 'query', 'view'],
    ['/manifest/stream?nothing=1', 'query', 'nothing'],
    ['/compositors?status=asleep', 'query', 'status'],
    ['/compositors?label=room', 'query', 'label'],
    ['/compositors?limit=0', 'query', 'limit'],
    ['/compositors/Wall', 'path', 'id'],
    [`/compositors/${'a'.repeat(500)}`, 'path', 'id'],
    ['/compositors/__proto__/tiles', 'path', 'id'],
    ['/health?x=1', 'query', 'x'],
  ];
  for (const [url, where, field] of cases) {
    const reply = await inject(url);
    t.match(reply, { status: 400, json: { type: '/problems/invalid-request' } }, url);
    t.match(reply.json?.errors?.[0], { in: where, field }, url);
  }
  t.match(await inject('/compositors/%E0%A4'), { status: 400, json: { errors: [{ in: 'path' }] } });
  const fenced = await inject({
    method: 'DELETE',
    url: '/compositors/wall',
    headers: { 'lease-generation': 'a b' },
  });
  t.match(fenced, { status: 400, json: { errors: [{ in: 'header', field: 'lease-generation' }] } });
});

async function refused(
  t: Test,
  { inject }: Built,
  request: { method: 'POST' | 'PUT' | 'PATCH'; url: string },
  what: string,
  payload: unknown,
  fields: string[],
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const reply = await inject({ ...request, headers, payload: JSON.stringify(payload) });
  const named = (reply.json?.errors ?? []).map((each: { field: string }) => each.field);
  t.strictSame([reply.status, [...named].sort()], [400, [...fields].sort()], what);
}

function numbered(count: number): [string, number][] {
  return Array.from({ length: count }, (_, i) => [`n${i}`, i]);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

t.test('a change that leaves an address which its protocol cannot have names what it gives', async (t) => {
  const built = await build(t);
  const endpoint = { protocol: 'http', address: '127.0.0.1', port: 4001 };
  await built.inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ...endpoint } });
  const change = { method: 'PATCH', url: '/compositors/wall' } as const;
  await refused(t, built, change, 'the protocol alone', { protocol: 'libp2p' }, ['/protocol']);
  await refused(t, built, change, 'both', { protocol: 'libp2p', address: 'wall' }, ['/address']);
  const payload = { protocol: 'libp2p', address: '/ip4/127.0.0.1/tcp/4001', port: null };
  t.match(await built.inject({ ...change, payload }), { status: 200 });
});
