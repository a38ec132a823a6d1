import t, { type Test } from 'tap';
import { ConnectorError } from '../../../src/domain/connector.ts';
import { build, type Built } from '../../support/build.ts';
import { FakePeers } from '../../support/fake-peers.ts';
import { eventually } from '../../failures/eventually.ts';

const QUICK = { connect: { interval: 0.2, timeout: 0.5 } };
const PLACE = { protocol: 'http', address: '127.0.0.1', port: 5000 } as const;

async function start(t: Test, options: Parameters<typeof build>[1] = {}) {
  const peers = new FakePeers();
  const built = await build(t, { make: peers.make, settings: QUICK, ...options });
  return { ...built, peers };
}

async function register({ inject }: Pick<Built, 'inject'>, id: string, more: object = {}): Promise<string> {
  const payload = { name: id, ttl: 3600, ...PLACE, ...more };
  const { json } = await inject({ method: 'PUT', url: `/compositors/${id}`, payload });
  return json.lease.generation as string;
}

const patch = ({ inject }: Pick<Built, 'inject'>, id: string, payload: object) =>
  inject({ method: 'PATCH', url: `/compositors/${id}`, payload });

const entry = async ({ inject }: Pick<Built, 'inject'>, id: string) =>
  (await inject(`/compositors/${id}`)).json;

/** Resolves to the entry once its status is that. */
async function becomes(built: Pick<Built, 'inject'>, id: string, status: string) {
  await eventually(async () => (await entry(built, id)).status === status, `${id} is ${status}`);
  return entry(built, id);
}

t.test(
  'a compositor that says where it listens is connected to, and shown with what it says of itself',
  async (t) => {
    const daemon = await start(t);
    await register(daemon, 'wall');
    const shown = await becomes(daemon, 'wall', 'connected');
    t.match(shown, { link: 'connected', info: { i: 'wall' }, health: { state: 'connected', failures: 0 } });
    const { status, headers, json } = await daemon.inject('/compositors/wall/health');
    t.equal(status, 200);
    t.equal(headers['cache-control'], 'no-store');
    t.match(json, { state: 'connected', latencyMs: 1, failures: 0, holder: /^[0-9a-f]{12}$/ });
    t.ok(json.changedAt && json.checkedAt);
    t.equal(daemon.app.supervisor.connectorOf('wall'), daemon.peers.of('wall'));
    t.equal(await daemon.app.supervisor.holderOf('wall'), json.holder);
    t.equal((await daemon.inject('/compositors/nobody/health')).status, 404);
  },
);

t.test('one without an address has no connector', async (t) => {
  const daemon = await start(t);
  for (const [i, part] of [{ protocol: undefined }, { address: undefined }, { port: undefined }].entries())
    await register(daemon, `wall-${i}`, part);
  await register(daemon, 'wall');
  await becomes(daemon, 'wall', 'connected');
  for (const i of [0, 1, 2]) {
    t.strictSame((await daemon.inject(`/compositors/wall-${i}/health`)).json, { state: 'none', failures: 0 });
    t.notOk((await entry(daemon, `wall-${i}`)).health);
    t.equal(await daemon.app.supervisor.holderOf(`wall-${i}`), undefined);
  }
  t.equal(daemon.peers.made.length, 1);
});

t.test('probes that change nothing commit nothing', async (t) => {
  const daemon = await start(t);
  let ticks = 0;
  daemon.peers.behaviours.set('wall', { probe: async () => ({ latencyMs: 1, info: { ticks: ticks++ } }) });
  await register(daemon, 'wall');
  await becomes(daemon, 'wall', 'connected');
  const head = daemon.app.replica.copy.head;
  await eventually(async () => daemon.peers.of('wall').probes > 8, 'it was probed');
  t.equal(daemon.app.replica.copy.head, head, 'nor does a number that ticks in what it says of itself');
});

t.test('failures in a row turn it disconnected, one good answer connected again', async (t) => {
  const daemon = await start(t);
  await register(daemon, 'wall');
  await becomes(daemon, 'wall', 'connected');
  daemon.peers.down('wall');
  const shown = await becomes(daemon, 'wall', 'disconnected');
  t.notOk('info' in shown, 'what it said of itself is gone');
  t.equal(daemon.app.supervisor.connectorOf('wall'), undefined);
  const { json } = await daemon.inject('/compositors/wall/health');
  t.match(json, { state: 'disconnected', lastError: 'unreachable: nobody listens' });
  t.ok(json.failures >= 3);
  daemon.peers.up('wall');
  t.match(await becomes(daemon, 'wall', 'connected'), { info: { i: 'wall' } });
});

t.test('fewer failures than that, and a link that breaks and is there again, are no news', async (t) => {
  const daemon = await start(t);
  await register(daemon, 'wall');
  await becomes(daemon, 'wall', 'connected');
  const head = daemon.app.replica.copy.head;
  const connector = daemon.peers.of('wall');
  connector.events.lost(new ConnectorError('unreachable', 'cut'));
  t.equal(daemon.app.supervisor.connectorOf('wall'), undefined, 'no command goes there meanwhile');
  await eventually(
    async () => daemon.app.supervisor.connectorOf('wall') !== undefined,
    'it is connected again',
  );
  t.not(daemon.peers.of('wall'), connector);
  t.match((await daemon.inject('/compositors/wall/health')).json, {
    state: 'connected',
    lastError: 'unreachable: cut',
  });
  let failures = 2;
  daemon.peers.behaviours.set('wall', {
    probe: async () => {
      if (failures-- > 0) throw new ConnectorError('failed', 'not well');
      return { latencyMs: 1, info: { i: 'wall' } };
    },
  });
  await eventually(async () => failures < -2, 'it failed twice and went on');
  t.equal(daemon.app.replica.copy.head, head);
});

t.test('stopped, moved and gone: the connector closes; started again, it connects', async (t) => {
  const daemon = await start(t);
  await register(daemon, 'wall');
  await becomes(daemon, 'wall', 'connected');
  const stopped = (await patch(daemon, 'wall', { enabled: false })).json.compositor;
  t.equal(stopped.status, 'stopped');
  t.notOk('link' in stopped || 'info' in stopped);
  await eventually(async () => daemon.peers.open.get('wall')!.length === 0, 'closed');
  await patch(daemon, 'wall', { enabled: true });
  await becomes(daemon, 'wall', 'connected');

  const moved = (await patch(daemon, 'wall', { port: 5001 })).json.compositor;
  t.equal(moved.status, 'registered', 'nobody has seen it there yet');
  await becomes(daemon, 'wall', 'connected');
  t.equal(daemon.peers.of('wall').target.port, 5001);

  await patch(daemon, 'wall', { address: null });
  await eventually(async () => daemon.peers.open.get('wall')!.length === 0, 'closed');
  await patch(daemon, 'wall', { address: '127.0.0.1' });
  await becomes(daemon, 'wall', 'connected');
  await daemon.inject({ method: 'DELETE', url: '/compositors/wall' });
  await eventually(async () => daemon.peers.open.get('wall')!.length === 0, 'closed');
});

t.test('a stale one has no connector; renewed, it connects', async (t) => {
  const daemon = await start(t);
  await register(daemon, 'wall', { ttl: 1 });
  await becomes(daemon, 'wall', 'connected');
  daemon.peers.down('wall');
  await becomes(daemon, 'wall', 'stale');
  await eventually(async () => daemon.peers.open.get('wall')?.length === 0, 'closed');
  daemon.peers.up('wall');
  await patch(daemon, 'wall', { ttl: 3600 });
  t.equal((await daemon.inject({ method: 'PUT', url: '/compositors/wall/lease' })).status, 200);
  await becomes(daemon, 'wall', 'connected');
});

t.test(
  'registered anew at the same place, it keeps its connector; what it says then counts for the new one',
  async (t) => {
    const daemon = await start(t);
    await register(daemon, 'wall');
    await becomes(daemon, 'wall', 'connected');
    const connector = daemon.peers.of('wall');
    const generation = await register(daemon, 'wall');
    t.match(await entry(daemon, 'wall'), { generation, status: 'connected' });
    t.equal(daemon.peers.of('wall'), connector);
    daemon.peers.down('wall');
    t.match(await becomes(daemon, 'wall', 'disconnected'), { generation });
  },
);

t.test('three hundred that connect at once are a few commits, each entered', async (t) => {
  const compositors = Array.from({ length: 300 }, (_, i) => ({
    id: `c${i}`,
    name: `C ${i}`,
    ...PLACE,
    port: 5000 + i,
  }));
  const daemon = await start(t, { compositors });
  const { replica } = daemon.app;
  const connected = () =>
    [...replica.copy.manifest.compositors()].filter(([, { status }]) => status === 'connected').length;
  await eventually(async () => connected() === 300, 'all are connected');
  const commits = parseInt(replica.copy.head) - 1;
  t.ok(commits <= 20, `${commits} commits`);
  t.ok(daemon.log.some(({ msg, connected }) => msg === 'compositors at the start' && connected === 300));
});

t.test(
  'an error with one never stops the others: one that throws, one that hangs, with one place to wait in',
  async (t) => {
    const peers = new FakePeers();
    const hang = () => new Promise<never>(() => undefined);
    peers.behaviours.set('hangs', { connect: hang, probe: hang });
    const daemon = await build(t, {
      settings: { connect: { ...QUICK.connect, parallel: 1 } },
      compositors: ['throws', 'hangs', 'fine'].map((id) => ({ id, name: id, ...PLACE })),
      make: (target, events) => {
        if (target.id === 'throws') throw new Error('a bug');
        return peers.make(target, events);
      },
    });
    await becomes(daemon, 'fine', 'connected');
    await eventually(async () => peers.of('fine').probes > 5, 'it is probed');
    for (const id of ['throws', 'hangs']) await becomes(daemon, id, 'disconnected');
    t.match((await daemon.inject('/compositors/hangs/health')).json, {
      lastError: 'timeout: no answer within 0.5 s',
    });
    t.match((await daemon.inject('/compositors/throws/health')).json, {
      lastError: 'an error of the daemon',
    });
    t.ok(
      daemon.log.some(({ msg, compositor }) => /cannot connect/.test(String(msg)) && compositor === 'hangs'),
    );
    const { probes } = peers.of('fine');
    await eventually(async () => peers.of('fine').probes > probes + 5, 'and goes on being probed');
  },
);

t.test('what comes from the peer: tiles, requests and messages for whoever watches', async (t) => {
  const daemon = await start(t);
  const generation = await register(daemon, 'wall');
  await register(daemon, 'door');
  await daemon.inject({
    method: 'PATCH',
    url: '/compositors/door/tiles',
    payload: { '9,9': { brick: 'd' } },
  });
  await becomes(daemon, 'wall', 'connected');
  const { events } = daemon.peers.of('wall');
  const tiles = async () => (await daemon.inject('/compositors/wall/tiles')).json as object;

  await events.tiles(new Map([['1,2', { brick: 'a', timestamp: 5 }]]));
  t.strictSame(await tiles(), { '1,2': { brick: 'a', timestamp: 5 } });
  const refused = new Map(['9,9', '1,2'].map((key) => [key, { brick: 'mine', timestamp: 5 }]));
  t.equal(await events.tiles(refused), 1);
  t.strictSame(await tiles(), { '1,2': { brick: 'mine', timestamp: 5 } }, 'each tile on its own');
  t.match((await daemon.inject('/compositors/wall/health')).json, {
    state: 'connected',
    lastError: /^1 tiles refused, such as \/9,9: belongs to door /,
  });

  const ask = async (type: 'register' | 'tiles' | 'lease' | 'leave', body: object) => {
    const [outcome] = await events.request([{ type, body: body as Record<string, unknown> }]);
    if (!outcome || 'error' in outcome) throw outcome?.error;
    return outcome.body;
  };
  t.match(await ask('tiles', { tiles: { '1,2': null, '3,4': { brick: 'b', timestamp: 6 } } }), {
    changed: 2,
  });
  t.strictSame(await tiles(), { '3,4': { brick: 'b', timestamp: 6 } });
  t.match(await ask('lease', { generation }), { lease: { generation }, republish: false });
  t.match(await ask('register', { name: 'Wall', ...PLACE }), {
    created: false,
    compositor: { id: 'wall', name: 'Wall' },
  });
  await t.rejects(ask('lease', { generation }), { name: 'DomainError', kind: 'lease-lost' });
  const bad: [Parameters<typeof ask>[0], object][] = [
    ['tiles', { tiles: { '01,2': { brick: 'x' } } }],
    ['tiles', { tiles: { '1,2': { brick: 'a\nb' } } }],
    ['tiles', {}],
    ['register', { name: 'x', unknown: 1 }],
    ['lease', { cursor: 'x' }],
    ['leave', { id: 'door' }],
  ];
  for (const [type, body] of bad)
    await t.rejects(ask(type, body), { name: 'DomainError', kind: 'invalid-request' }, JSON.stringify(body));

  const heard = new Promise((resolve) => daemon.app.peerBus.subscribe('relay', resolve));
  const text = '{"type":"camera_update","x":1.0}';
  events.relay({ type: 'camera_update', text });
  t.strictSame(await heard, {
    messages: [{ from: 'compositor:wall', compositor: 'wall', type: 'camera_update', text }],
  });

  t.match(await ask('leave', {}), { changed: 2 });
  await eventually(
    async () => daemon.peers.open.get('wall')!.length === 0,
    'it left, and its connector closed',
  );
  t.equal((await daemon.inject('/compositors/door')).status, 200);
});

t.test('closing closes every connector', async (t) => {
  const daemon = await start(t, { compositors: [{ id: 'wall', name: 'Wall', ...PLACE }] });
  await becomes(daemon, 'wall', 'connected');
  await daemon.app.close();
  t.strictSame(daemon.peers.open.get('wall'), []);
});

t.test(
  'no command goes over a link that is only being made, whatever the compositor counts as',
  async (t) => {
    const daemon = await start(t);
    await register(daemon, 'wall');
    await becomes(daemon, 'wall', 'connected');
    let connect: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      daemon.peers.behaviours.set('wall', {
        connect: () => {
          resolve();
          return new Promise((done) => (connect = done));
        },
      });
    });
    daemon.peers.of('wall').events.lost(new ConnectorError('unreachable', 'cut'));
    await asked;
    t.equal((await entry(daemon, 'wall')).status, 'connected', 'one break is no news');
    t.equal(daemon.app.supervisor.connectorOf('wall'), undefined);
    connect();
    await eventually(
      async () => daemon.app.supervisor.connectorOf('wall') === daemon.peers.of('wall'),
      'it is there',
    );
  },
);
