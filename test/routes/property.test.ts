import { connect } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { codePoint } from '../support/arbitraries.ts';
import { build } from '../support/build.ts';

/**
 * Requests to every route, good, nearly good, and hostile. Each reply is held to the contract by `build`; here: never a
 * 5xx, and the manifest is what the requests that were answered 2xx make of it.
 */

const IDS = ['wall', 'door', 'constructor', 'a.b_c-d'];
const id = fc.constantFrom(...IDS);
const hostile = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 40 }),
  fc.constantFrom(
    '',
    '__proto__',
    'toString',
    '-0,1',
    '01,1',
    '1.5,2',
    'a\r\nb',
    '\0',
    '\u2028',
    '\ud800',
    '💥',
  ),
  fc.constant('x'.repeat(400)),
);
/** A URL holds no half of a surrogate pair. */
const wellFormed = (value: string) => value.replace(/\p{Cs}/gu, '\ufffd');
const anyId = fc.oneof({ weight: 9, arbitrary: id }, { weight: 1, arbitrary: hostile });
const cell = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })).map(String);
const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(1e308, -1, 2 ** 60, 1.5, null, true, [], {}, '5'),
  hostile,
);
const tile = fc.record(
  {
    brick: fc.constantFrom('a', 'b', 'wall.rts.png', '💥', '__proto__'),
    timestamp: fc.integer({ min: 0, max: 50 }),
  },
  { requiredKeys: ['brick'] },
);
const goodTiles = fc.dictionary(cell, fc.oneof({ weight: 4, arbitrary: tile }, fc.constant(null)), {
  maxKeys: 8,
});
const badTiles = fc.oneof(fc.dictionary(fc.oneof(cell, hostile), fc.oneof(tile, junk), { maxKeys: 8 }), junk);
const registration = fc.record(
  {
    name: fc.constantFrom('Wall', 'Door', 'É 1'),
    platform: fc.constantFrom('linux', 'macos'),
    port: fc.integer({ min: 1, max: 65535 }),
    labels: fc.dictionary(fc.constantFrom('a', 'constructor', 'b/c'), fc.constantFrom('', 'x')),
    ttl: fc.integer({ min: 3600, max: 86400 }),
    instance: fc.constantFrom('1', '2'),
  },
  { requiredKeys: ['name'] },
);
const spoiled = fc
  .tuple(registration, fc.constantFrom('name', 'port', 'labels', 'ttl', 'id', 'extra', '__proto__'), junk)
  .map(([good, field, value]) => ({ ...good, [field]: value }));

interface Sent {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  path: string;
  query: string;
  headers: Record<string, string>;
  body?: string;
}

const text = (body: fc.Arbitrary<unknown>) => body.map((value) => JSON.stringify(value));
const broken = fc.constantFrom('', '{', '[[[[', '{"0,0":{"brick":"a"}', '"', 'null', '{"__proto__":{"x":1}}');
const query = fc
  .dictionary(
    fc.constantFrom('view', 'compositor', 'at', 'atLeast', 'revision', 'since', 'to', 'limit', 'after', 'x'),
    fc.oneof(
      fc.constantFrom('0,0,2,2', '-1,-1,1,1', 'wall', '0-00000000', '1-00000000', '3', '0', '', '1e3'),
      hostile.map(wellFormed),
    ),
    { maxKeys: 2 },
  )
  .map((pairs) => new URLSearchParams(pairs).toString());
const segment = (value: string) => encodeURIComponent(wellFormed(value));

const at = (suffix: string) => anyId.map((each) => `/compositors/${segment(each)}${suffix}`);
const read = fc.record({
  method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const),
  path: fc.oneof(
    fc.constantFrom(
      ...['/', '/compositors', '/manifest', '/manifest/tiles', '/builder/map/manifest.json', '/problems'],
      ...[
        '/manifest/changes',
        '/manifest/history',
        '/health',
        '/health/live',
        '/health/ready',
        '/openapi.json',
      ],
    ),
    at(''),
    at('/tiles'),
    hostile.map((each) => `/problems/${segment(each)}`),
    hostile.map((each) => `/${segment(each)}`),
  ),
  query: fc.oneof(fc.constant(''), query),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { 'if-none-match': '*' },
    { 'if-none-match': 'garbage' },
    { accept: 'text/html' },
    { host: 'evil.example' },
  ),
});
const write = (
  method: Sent['method'],
  path: fc.Arbitrary<string>,
  good: fc.Arbitrary<unknown>,
  bad: fc.Arbitrary<unknown>,
) =>
  fc.record({
    method: fc.constant(method),
    path,
    query: fc.oneof({ weight: 9, arbitrary: fc.constant('') }, query),
    headers: fc.oneof(
      { weight: 8, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
      fc.constantFrom<Record<string, string>>(
        { 'content-type': 'text/plain' },
        { 'content-type': 'application/json', 'lease-generation': 'old' },
        { 'content-type': 'application/json', origin: 'https://evil.example' },
      ),
    ),
    body: fc.oneof({ weight: 8, arbitrary: text(good) }, { weight: 3, arbitrary: text(bad) }, broken),
  });
const nothing = fc.constant({});
const anyMethod = fc.record({
  method: fc.constantFrom('POST' as const, 'DELETE' as const, 'OPTIONS' as const),
  path: fc.constantFrom('/manifest', '/health', '/compositors/wall/lease', '/manifest/stream', '/'),
  query: fc.constant(''),
  headers: nothing,
});
const request: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 6, arbitrary: read },
  { weight: 2, arbitrary: write('POST', fc.constant('/compositors'), registration, spoiled) },
  { weight: 3, arbitrary: write('PUT', at(''), registration, spoiled) },
  {
    weight: 2,
    arbitrary: write('PATCH', at(''), fc.constantFrom({ enabled: false }, { labels: { a: null } }), spoiled),
  },
  { weight: 1, arbitrary: write('DELETE', at(''), nothing, junk) },
  { weight: 2, arbitrary: write('PUT', at('/lease'), nothing, junk) },
  { weight: 8, arbitrary: write('PATCH', at('/tiles'), goodTiles, badTiles) },
  { weight: 2, arbitrary: write('PUT', at('/tiles'), fc.dictionary(cell, tile, { maxKeys: 8 }), badTiles) },
  { weight: 1, arbitrary: anyMethod },
);

t.test('2,400 requests, good and hostile', async (t) => {
  const { inject, app } = await build(t);
  const model = new Map<string, { brick: string; compositor: string }>();
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 20, maxLength: 20 }), async (requests) => {
      for (const { method, path, query, headers, body } of requests) {
        const url = query === '' ? path : `${path}?${query}`;
        const before = app.replica.copy.head;
        const reply = await inject({
          method,
          url,
          headers,
          ...(body !== undefined && { payload: body }),
        });
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
        const right = reply.status === 503 && reply.json?.type === '/problems/not-yet';
        if (reply.status >= 500 && !right) throw new Error(`${method} ${url} ${body}: ${reply.text}`);
        if (reply.status >= 400 && app.replica.copy.head !== before)
          throw new Error(`${method} ${url} ${body} was refused and yet committed`);
        if (reply.status < 300) replay(model, method, decodeURIComponent(path), query, body);
      }
    }),
    { numRuns: 120, endOnFailure: true },
  );
  const { json } = await inject('/manifest');
  const held = Object.entries(json.tiles as Record<string, { brick: string; compositor: string }>);
  t.strictSame(
    Object.fromEntries(held.map(([key, { brick, compositor }]) => [key, { brick, compositor }])),
    Object.fromEntries([...model].sort(([a], [b]) => (a < b ? -1 : 1)).map((each) => each)),
    'the manifest is what was answered 2xx',
  );
  const digest = app.replica.copy.manifest.digest.tiles;
  t.equal(digest, model.size);
  t.ok((statuses.get(200) ?? 0) > 300, 'many were good');
  t.ok((statuses.get(400) ?? 0) > 100, 'and many were not');
  t.comment(Object.fromEntries(statuses));
});

t.test('200 streams, good and hostile', async (t) => {
  const { app, inject } = await build(t);
  const url = new URL(await app.listen());
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const header = fc.oneof(
    fc.constantFrom('0-00000000', '1-00000000~', '9-00000000@00000000', '-1'),
    // What Node lets through in a header.
    hostile.map((each) => each.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')),
  );
  await fc.assert(
    fc.asyncProperty(query, fc.option(header, { nil: undefined }), async (search, last) => {
      const lastEventId = last === undefined ? '' : `Last-Event-ID: ${last}\r\n`;
      const head = await headOf(
        url,
        `GET /manifest/stream?${search} HTTP/1.1\r\nHost: localhost\r\n${lastEventId}\r\n`,
      );
      if (!/^HTTP\/1.1 (?:200 OK\r\n[^]*text\/event-stream|400 [^]*problem\+json)/.test(head))
        throw new Error(head);
    }),
    { numRuns: 200, endOnFailure: true },
  );
  t.match(await inject('/health'), { status: 200 });
});

/** What a request that was answered 2xx does. */
function replay(
  model: Map<string, { brick: string; compositor: string }>,
  method: string,
  path: string,
  query: string,
  body: string | undefined,
): void {
  const [, family, compositor = '', part] = path.split('/');
  if (family !== 'compositors' || compositor === '') return;
  const mine = () => [...model].filter(([, each]) => each.compositor === compositor).map(([key]) => key);
  if (method === 'DELETE') for (const key of mine()) model.delete(key);
  if (part !== 'tiles' || (method !== 'PATCH' && method !== 'PUT')) return;
  const tiles = JSON.parse(body!) as Record<string, { brick: string } | null>;
  const view = new URLSearchParams(query).get('view')?.split(',').map(Number);
  const inView = (key: string) => {
    if (!view) return true;
    const [x, y] = key.split(',').map(Number);
    const [a, b, c, d] = view;
    return (
      x! >= Math.min(a!, c!) && x! <= Math.max(a!, c!) && y! >= Math.min(b!, d!) && y! <= Math.max(b!, d!)
    );
  };
  if (method === 'PUT') for (const key of mine()) if (inView(key)) model.delete(key);
  for (const [key, tile] of Object.entries(tiles)) {
    if (tile) model.set(key, { brick: tile.brick, compositor });
    else if (model.get(key)?.compositor === compositor) model.delete(key);
  }
}

function headOf(url: URL, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes, 'latin1'));
    let text = '';
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      socket.destroy();
      resolve(text);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
  });
}
