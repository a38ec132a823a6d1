import type { Test } from 'tap';
import { ConnectorError, type PeerRequest } from '../../src/domain/connector.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { eventually } from '../failures/eventually.ts';
import { connected, soon, type StartPeer, type TalkingPeer } from './connector-world.ts';
import { relayContract } from './relaying-connector.ts';

/** What every connector must do whose peer may speak unasked (docs/connectors.md), against a real peer that `start` starts. */
export function talkingContract(t: Test, name: string, start: StartPeer<TalkingPeer>): void {
  t.test(`${name}: tiles`, (t) => tileContract(t, start));
  t.test(`${name}: relay`, (t) => relayContract(t, start));
  t.test(`${name}: floods`, (t) => floodContract(t, start));
  t.test(`${name}: requests`, (t) => requestContract(t, start));
  t.test(`${name}: tiles that are answered`, (t) => publishContract(t, start));
  t.test(`${name}: heartbeats, relays and what nobody knows`, (t) => restContract(t, start));
}

const update = (x: number, y: number, brick: unknown, timestamp?: unknown) => ({
  type: 'tile_update',
  x,
  y,
  brick,
  ...(timestamp !== undefined && { timestamp }),
});

async function tileContract(t: Test, start: StartPeer<TalkingPeer>): Promise<void> {
  await t.test('a tile_update becomes a tile, with its timestamp in seconds', async (t) => {
    const peer = await start(t);
    const { tiles } = await connected(t, peer.target);
    peer.say(
      update(3, -4, 'wall.rts.png', 1_700_000_000.5),
      update(-0, 0, 'b'),
      update(0, 1, 'c', 1_700_000_000_500),
    );
    peer.say(
      update(9, 9, 'gone'),
      update(9, 9, null),
      update(-2147483648, 2147483647, 'é'.repeat(255), null),
    );
    await eventually(() => tiles.has('-2147483648,2147483647'), 'the last tile');
    t.strictSame(Object.fromEntries(tiles), {
      '3,-4': { brick: 'wall.rts.png', timestamp: 1_700_000_000.5 },
      '0,0': { brick: 'b' },
      '0,1': { brick: 'c', timestamp: 1_700_000_000.5 },
      '-2147483648,2147483647': { brick: 'é'.repeat(255) },
    });
  });

  await t.test('one that cannot be is counted, and the others go on', async (t) => {
    const peer = await start(t);
    const { tiles, odd } = await connected(t, peer.target);
    const ahead = Date.now() / 1000 + 4000;
    const bad = [
      ...[update(0.5, 0, 'a'), update(0, 2 ** 31, 'a'), update(0, NaN, 'a'), update('1' as never, 0, 'a')],
      ...[
        update(0, 0, ''),
        update(0, 0, 7),
        update(0, 0, 'a\nb'),
        update(0, 0, 'x'.repeat(256)),
        update(0, 0, undefined),
      ],
      ...[
        update(0, 0, 'a', -1),
        update(0, 0, 'a', 'now'),
        update(0, 0, 'a', ahead),
        update(0, 0, 'a', ahead * 1000),
      ],
      ...[update(0, 0, '\ud800'), { type: 'tile_update' }],
    ];
    peer.say(...bad, update(7, 7, 'good'));
    await eventually(() => tiles.has('7,7'), 'the good tile');
    t.strictSame([...tiles.keys()], ['7,7']);
    t.equal(odd.invalid, bad.length);
  });

  await t.test('while tiles are written, newer states of a tile replace each other', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    let release: () => void = () => undefined;
    linked.onTiles = () => new Promise((resolve) => (release = resolve));
    peer.say(update(0, 0, 'first'));
    await eventually(() => linked.batches.length === 1, 'the first batch');
    for (let i = 0; i < 100; i++) peer.say(update(1, 1, `b${i}`), update(2, 2, i % 2 ? null : 'on'));
    peer.say({ type: 'register', id: 'after' });
    // The request waits for the tiles before it, and tells that all were heard.
    linked.onTiles = () => undefined;
    release();
    await eventually(() => linked.requests.length === 1, 'the request behind them');
    t.ok(linked.batches.length <= 10, `${linked.batches.length} batches of 200 updates`);
    t.strictSame(Object.fromEntries(linked.tiles), { '0,0': { brick: 'first' }, '1,1': { brick: 'b99' } });
  });

  await t.test('a tile that is refused does not cost the others', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    linked.refuses = (key) => key.startsWith('5,');
    for (let y = 0; y < 50; y++) peer.say(update(5, y, 'theirs'), update(6, y, 'mine'));
    await eventually(() => linked.tiles.size === 50, 'all good tiles');
    t.ok([...linked.tiles.keys()].every((key) => key.startsWith('6,')));
    t.equal(linked.odd.refused, 50);
  });

  await t.test(
    'tiles that the store cannot take now are written when it can, in their last state',
    async (t) => {
      const peer = await start(t);
      const linked = await connected(t, peer.target);
      let away = true;
      linked.onTiles = () => {
        if (away) throw new DomainError('store-unavailable', 'away');
      };
      peer.say(update(0, 0, 'old'), update(1, 0, 'same'));
      await eventually(() => linked.batches.length === 1, 'the first attempt');
      peer.say(update(0, 0, 'new'));
      away = false;
      await eventually(() => linked.tiles.get('0,0')?.brick === 'new', 'the new tile');
      t.equal(linked.tiles.get('1,0')?.brick, 'same');
      t.equal(linked.odd.refused, 0);
    },
  );
}

async function floodContract(t: Test, start: StartPeer<TalkingPeer>): Promise<void> {
  await t.test('50,000 updates end in the right tiles, in few batches', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    const began = performance.now();
    for (let i = 0; i < 50_000; i++) peer.say(update(i % 500, 0, `b${i}`));
    await eventually(() => linked.tiles.get('499,0')?.brick === 'b49999', 'the last tile', 60_000);
    const seconds = (performance.now() - began) / 1000;
    t.equal(linked.tiles.size, 500);
    for (let x = 0; x < 500; x++) t.equal(linked.tiles.get(`${x},0`)?.brick, `b${49_500 + x}`);
    // At most one each 20 ms, however long this machine takes.
    t.ok(linked.batches.length <= 2 + seconds * 50, `${linked.batches.length} batches in ${seconds} s`);
  });

  await t.test('whoever sends more than can be written is held back, and loses nothing', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    let release: () => void = () => undefined;
    linked.onTiles = () => new Promise((resolve) => (release = resolve));
    peer.say(update(0, -1, 'first'));
    await eventually(() => linked.batches.length === 1, 'the first batch');
    // Far more than all buffers on the way take.
    const brick = 'x'.repeat(250);
    for (let i = 0; i < 60_000; i++) peer.say(update(i, 0, brick));
    await eventually(() => peer.unread > 0, 'the peer is stuck');
    t.equal(
      (await linked.connector.probe(soon())).latencyMs >= 0,
      true,
      'which is no reason to call it unwell',
    );
    linked.onTiles = () => undefined;
    release();
    await eventually(() => linked.tiles.size === 60_001, 'all tiles', 60_000);
    for (const batch of linked.batches) t.ok(batch.size <= 15_000, `a batch of ${batch.size}`);
    t.strictSame(linked.lost, []);
    t.equal(peer.unread, 0);
  });

  await t.test('who answers each heartbeat with one is not answered for ever', async (t) => {
    const peer = await start(t);
    const { odd } = await connected(t, peer.target);
    for (let i = 0; i < 1000; i++) peer.say({ type: 'heartbeat', timestamp: 1 });
    await eventually(() => odd.flood > 0, 'too many');
    t.ok(peer.heard.length < 500, `${peer.heard.length} answers`);
  });
}

async function requestContract(t: Test, start: StartPeer<TalkingPeer>): Promise<void> {
  await t.test('a request is answered under its id, with a body or a problem', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    linked.onRequest = ({ type }) => {
      if (type === 'lease') throw new DomainError('lease-lost', 'another holds it');
      if (type === 'leave') throw new ConnectorError('failed', 'whatever');
      return type === 'register' ? { lease: { ttl: 30 } } : undefined;
    };
    const registered = await peer.ask({ type: 'register', ttl: 30, labels: { room: 'lobby' } });
    t.match(registered, { type: 'reply', ok: true, body: { lease: { ttl: 30 } } });
    t.match(await peer.ask({ type: 'tiles', tiles: { '0,0': null } }), { ok: true, body: null });
    t.match(await peer.ask({ type: 'lease' }), { ok: false, problem: { type: '/problems/lease-lost' } });
    t.match(await peer.ask({ type: 'leave' }), { ok: false, problem: { type: '/problems/internal' } });
    t.strictSame(linked.requests, [
      { type: 'register', body: { ttl: 30, labels: { room: 'lobby' } } },
      { type: 'tiles', body: { tiles: { '0,0': null } } },
      { type: 'lease', body: {} },
      { type: 'leave', body: {} },
    ]);
    peer.say({ type: 'lease', id: 7 });
    await peer.hears(({ id }) => id === 7);
  });

  await t.test('tiles and requests keep their order', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    const order: string[] = [];
    linked.onTiles = async (writes) => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push([...writes].map(([key, write]) => `${key}=${write?.brick}`).join());
    };
    linked.onRequest = async ({ type }) => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push(type);
    };
    peer.say({ type: 'register', id: 1 }, update(0, 0, 'a'), { type: 'tiles', id: 2 }, update(0, 0, 'b'), {
      type: 'leave',
      id: 3,
    });
    await eventually(() => order.includes('leave'), 'the last of them');
    t.strictSame(order, ['register', '0,0=a', 'tiles', '0,0=b', 'leave']);
  });

  await t.test('without an id that an answer could bear it is no request', async (t) => {
    const peer = await start(t);
    const { odd, requests } = await connected(t, peer.target);
    const ids = [undefined, null, {}, 0.5, 'x'.repeat(200)];
    for (const id of ids) peer.say({ type: 'lease', id });
    await peer.ask({ type: 'lease' });
    t.equal(requests.length, 1);
    t.equal(odd.invalid, ids.length);
  });

  await t.test('many at once are held back and all answered', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    let running = 0;
    linked.onRequest = async () => {
      t.equal(++running, 1, 'one at a time');
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const cursor = 'x'.repeat(200);
    for (let id = 0; id < 500; id++) peer.say({ type: 'lease', id, cursor });
    await eventually(() => peer.heard.length === 500, 'all answers');
    t.strictSame(
      peer.heard.map(({ id }) => id),
      Array.from({ length: 500 }, (_, id) => id),
    );
  });
}

async function publishContract(t: Test, start: StartPeer<TalkingPeer>): Promise<void> {
  await t.test(
    'tiles that wait come together, and each request is answered for itself, in order',
    async (t) => {
      const peer = await start(t);
      const linked = await connected(t, peer.target);
      const tilesOf = ({ body }: PeerRequest) => Object.keys(body['tiles'] as object)[0]!;
      linked.onRequest = (request) => {
        const key = tilesOf(request);
        if (key.startsWith('7,')) throw new DomainError('tile-taken', 'theirs');
        return { cursor: key };
      };
      for (let id = 0; id < 2000; id++)
        peer.say({ type: 'tiles', id, tiles: { [`${id % 10},${id}`]: { brick: 'b' } } });
      await eventually(() => peer.heard.length === 2000, 'all answers');
      for (const [i, { id, ok, body, problem }] of peer.heard.entries()) {
        if (id !== i || ok !== (i % 10 !== 7)) t.fail(`answer ${i}`, { id, ok });
        t.match(ok ? body : problem, ok ? { cursor: `${i % 10},${i}` } : { type: '/problems/tile-taken' });
      }
      t.strictSame(
        linked.requests.map(tilesOf),
        Array.from({ length: 2000 }, (_, i) => `${i % 10},${i}`),
      );
      t.ok(linked.together.length < 1000, `${linked.together.length} commits`);
      t.ok(Math.max(...linked.together) <= 256);
    },
  );

  await t.test('those of two generations do not share a commit, nor do other requests join', async (t) => {
    const peer = await start(t);
    const linked = await connected(t, peer.target);
    let release: () => void = () => undefined;
    linked.onRequest = () => new Promise<void>((resolve) => (release = resolve));
    peer.say({ type: 'lease', id: 'first' });
    await eventually(() => linked.requests.length === 1, 'the first');
    linked.onRequest = () => undefined;
    const tiles = { '0,0': { brick: 'b' } };
    for (const generation of ['g1', 'g1', 'g2', undefined])
      peer.say({ type: 'tiles', id: 't', tiles, ...(generation && { generation }) });
    peer.say({ type: 'leave', id: 'leave' }, { type: 'tiles', id: 'last', tiles });
    peer.say({ type: 'camera_update' });
    await eventually(() => linked.relayed.length === 1, 'all were heard');
    release();
    await peer.hears(({ id }) => id === 'last');
    t.strictSame(linked.together, [1, 2, 1, 1, 1, 1]);
  });
}

async function restContract(t: Test, start: StartPeer<TalkingPeer>): Promise<void> {
  await t.test('what is known of it changes when it says so', async (t) => {
    const peer = await start(t);
    peer.info = undefined;
    const { connector } = await connected(t, peer.target);
    for (const info of [{ fps: 60 }, { fps: 30, name: 'Wall' }]) {
      peer.say({ type: 'status', ...info });
      await peer.ask({ type: 'lease' });
      t.strictSame((await connector.probe(soon())).info, info);
    }
  });

  await t.test(
    'unknown types, late answers and protocol violations are counted and nothing else',
    async (t) => {
      const peer = await start(t);
      const { connector, odd, lost } = await connected(t, peer.target);
      peer.say({ type: 'who knows' }, {}, { type: '__proto__' }, { type: ['tile_update'] });
      peer.say({ type: 'reply', id: 'nobody', ok: true }, { type: 'reply' });
      await peer.ask({ type: 'lease' });
      t.match(odd, { unknown: 4, late: 2 });
      t.equal((await connector.send({ id: 'a', command: 'go' }, soon())) !== undefined, true);
      t.strictSame(lost, []);
    },
  );

  await t.test(
    'a peer that sends nothing but garbage fails its probes until it sends a message again',
    async (t) => {
      const peer = await start(t);
      const { connector, odd, lost } = await connected(t, peer.target);
      await eventually(async () => (await connector.probe(soon())).info !== undefined, 'its information');
      // Its information may have come during the last probe: only what comes after this one counts.
      await connector.probe(soon());
      peer.sayGarbage();
      await eventually(() => odd.garbage > 0, 'garbage');
      await t.rejects(connector.probe(soon()), {
        name: 'ConnectorError',
        message: 'its messages are not JSON objects',
      });
      peer.sayGarbage();
      await peer.ask({ type: 'lease' });
      await connector.probe(soon());
      t.strictSame(lost, []);
    },
  );
}
