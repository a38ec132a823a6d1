import t from 'tap';
import type { Test } from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { differences } from '../../src/conformance/differences.ts';
import { build } from '../support/build.ts';
import { eventually } from '../failures/eventually.ts';
import { newToken } from '../../src/services/access/tokens.ts';

type Built = Awaited<ReturnType<typeof build>>;

/** 400 tiles around the origin, of two compositors. */
async function fill(built: Built): Promise<void> {
  for (const id of ['wall', 'desk']) {
    await built.inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } });
    const tiles: Record<string, object> = {};
    for (let i = 0; i < 200; i++)
      tiles[`${(i % 20) - 10},${Math.floor(i / 20) - (id === 'wall' ? 10 : 0)}`] = { brick: `${id}-${i}` };
    await built.inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload: tiles });
  }
}

function follow(t: Test, url: string, options: { view?: string; token?: string } = {}): ConformanceClient {
  const { view, token } = options;
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const client = new ConformanceClient({ url, headers, ...(view !== undefined && { view }) });
  t.teardown(() => client.disconnect());
  client.connect();
  return client;
}

const exactIn = (query: string) => (client: ConformanceClient) =>
  client.copy.exact && client.copy.counts.synced > 0 && client.query === query;

t.test('a stream that is re-aimed shows the new view exactly, and sends nothing twice', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await fill(built);
  const client = follow(t, url, { view: '-10,-10,0,0' });
  const sent: string[] = [];
  await client.until(exactIn('?view=-10%2C-10%2C0%2C0'));
  const { tiles } = client.copy;
  const kept = [...tiles.keys()].filter((key) => Number(key.split(',')[0]) >= -5);

  for (const [change, query] of [
    [{ view: '-5,-10,5,0' }, '?view=-5%2C-10%2C5%2C0'],
    [{ compositors: ['wall'] }, '?view=-5%2C-10%2C5%2C0&compositor=wall'],
    [{ view: null }, '?compositor=wall'],
    [{ compositors: null }, ''],
    [
      { view: '3,3,-3,-3', compositors: ['desk', 'nobody'] },
      '?view=-3%2C-3%2C3%2C3&compositor=desk&compositor=nobody',
    ],
    [
      { view: '2000000000,0,2000000010,1' },
      '?view=2000000000%2C0%2C2000000010%2C1&compositor=desk&compositor=nobody',
    ],
    [{ view: null, compositors: null }, ''],
  ] as const) {
    t.equal(await client.reAim(change), 202);
    await client.until(exactIn(query), 30_000, query);
    const truth = await (await fetch(`${url}/manifest${query}`)).json();
    t.strictSame(differences(client.copy, truth as Parameters<typeof differences>[1]), [], query);
    sent.push(query);
  }
  t.ok(kept.length > 0);
  t.match(client.counts, { connections: 1, snapshots: 1, reAims: 7 });
  t.strictSame(client.copy.violations, []);
});

t.test('what both views show is not sent again, unless it has changed', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await fill(built);
  const received: string[] = [];
  const client = new ConformanceClient({
    url,
    view: '-10,-10,9,9',
    onEvent: ({ event, data }) => {
      if (event === 'patch') received.push(...Object.keys((JSON.parse(data) as { tiles: object }).tiles));
    },
  });
  t.teardown(() => client.disconnect());
  client.connect();
  await client.until(exactIn('?view=-10%2C-10%2C9%2C9'));
  received.length = 0;
  t.equal(await client.reAim({ view: '-10,-10,8,8' }), 202);
  await client.until(exactIn('?view=-10%2C-10%2C8%2C8'));
  t.strictSame(received, [], 'a smaller view needs nothing');
  t.equal(await client.reAim({ view: '-9,-9,9,8' }), 202);
  await client.until(exactIn('?view=-9%2C-9%2C9%2C8'));
  t.equal(received.length, 18, 'one column');
  t.ok(received.every((key) => key.startsWith('9,')));
  t.strictSame(client.copy.violations, []);
});

t.test('a thousand changes at once are few, and the last one counts', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await fill(built);
  const client = follow(t, url);
  await client.until(exactIn(''));
  const views = Array.from({ length: 1000 }, (_, i) => `${-i},${-i},${i},${i}`);
  // In one turn: the feed sends after it.
  for (const view of views) built.app.feed.reAim(client.copy.stream!, '', { view });
  await client.until(exactIn('?view=-999%2C-999%2C999%2C999'));
  t.equal(client.counts.reAims, 1);
  t.equal(client.copy.tiles.size, 400);
});

t.test('what cannot be: each is refused with what is wrong', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  const client = follow(t, url);
  await client.until(exactIn(''));
  const stream = client.copy.stream!;
  const patch = (id: string, payload: unknown) =>
    built.inject({ method: 'PATCH', url: `/manifest/streams/${id}`, payload: payload as object });
  for (const [payload, field] of [
    [{ view: '1,2,3' }, '/view'],
    [{ view: '0,0,2147483648,0' }, '/view'],
    [{ view: 7 }, '/view'],
    [{ view: 'x'.repeat(900) }, '/view'],
    [{ compositors: 'wall' }, '/compositors'],
    [{ compositors: ['Wall!'] }, '/compositors/0'],
    [{ compositors: Array.from({ length: 65 }, (_, i) => `c${i}`) }, '/compositors'],
    [{ view: '0,0,1,1', speed: 3 }, '/speed'],
    [{}, ''],
    [[], ''],
  ] as const) {
    const reply = await patch(stream, payload);
    t.match(reply, { status: 400 }, JSON.stringify(payload).slice(0, 60));
    t.equal((reply.json as { errors: { field: string }[] }).errors[0]?.field, field);
  }
  for (const id of ['none', `${stream}x`, stream.slice(0, -1), '%00', `nobody.${stream.split('.')[1]}`])
    t.match(await patch(id, { view: null }), { status: 404 }, id);
  t.match(await built.inject({ method: 'GET', url: `/manifest/streams/${stream}` }), {
    status: 405,
    headers: { allow: 'PATCH' },
  });
  t.equal(client.counts.reAims, 0);
  await client.disconnect();
  await eventually(() => built.app.feed.readers === 0, 'the stream has ended');
  t.match(await patch(stream, { view: null }), { status: 404 }, 'it has ended');
});

t.test("another's stream is as if it were not there; a page that may read may re-aim its own", async (t) => {
  const [mine, other] = [newToken(), newToken()];
  const built = await build(t, {
    settings: {
      auth: [mine, other].map(({ hash }, i) => ({ name: `reader${i}`, hash, scopes: ['read'] as const })),
      anonymous: ['read'],
    },
  });
  const url = await built.app.listen();
  const client = follow(t, url, { token: mine.token });
  await client.until(exactIn(''));
  const path = `/manifest/streams/${client.copy.stream}`;
  const as = (headers: Record<string, string>) =>
    built.inject({ method: 'PATCH', url: path, headers, payload: { view: '0,0,1,1' } });
  t.match(await as({ authorization: `Bearer ${other.token}` }), { status: 404 });
  t.match(await as({}), { status: 404 }, 'nor without a token');
  t.match(await as({ authorization: 'Bearer nonsense' }), { status: 401 });
  const origin = 'http://elsewhere.example';
  t.match(
    await built.inject({
      method: 'OPTIONS',
      url: path,
      headers: { origin, 'access-control-request-method': 'PATCH' },
    }),
    { status: 204, headers: { 'access-control-allow-methods': 'PATCH', 'access-control-allow-origin': '*' } },
  );
  t.match(await as({ origin, authorization: `Bearer ${mine.token}` }), { status: 202 });
  await client.until(exactIn('?view=0%2C0%2C1%2C1'));
  t.strictSame(client.copy.violations, []);
});
