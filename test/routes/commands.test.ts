import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { tokenFor } from '../support/tokens.ts';

/** A daemon connected to a real compositor `wall`. */
async function linked(t: Test, peer: HttpPeer | WsPeer) {
  const { app, inject } = await build(t);
  const { protocol, address, port } = peer.target;
  const payload = { name: 'Wall', protocol, address, port, ttl: 3600 };
  await inject({ method: 'PUT', url: '/compositors/wall', payload });
  await eventually(() => app.registry.get('wall')?.status === 'connected', 'wall is connected');
  const command = (payload: object, headers: Record<string, string> = {}) =>
    inject({ method: 'POST', url: '/compositors/wall/commands', payload, headers });
  return { app, inject, command };
}

t.test('a command and its answer, over HTTP and over a WebSocket', async (t) => {
  for (const peer of [await HttpPeer.start(t), await WsPeer.start(t)]) {
    const { command } = await linked(t, peer);
    const { status, json } = await command({ command: 'zoom', params: { factor: 2 } });
    t.equal(status, 200);
    t.match(json, {
      id: /./,
      ok: true,
      answer: { ran: 'zoom', params: { factor: 2 } },
      took: Number,
      cursor: null,
    });
    t.match(peer.commands, [{ id: json.id, command: 'zoom', params: { factor: 2 } }]);
    peer.onCommand = () => {
      throw new Error('no such view');
    };
    t.match(await command({ command: 'zoom' }), {
      status: 200,
      json: { ok: false, error: /^(?:POST \/commands answered 422: )?no such view$/, cursor: null },
    });
  }
});

t.test('the reply tells the commit that the command caused', async (t) => {
  const peer = await HttpPeer.start(t);
  const { app, inject, command } = await linked(t, peer);
  peer.onCommand = async () => {
    await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick: 'a' } } });
    return 'drawn';
  };
  const { json } = await command({ command: 'draw' });
  t.match(json, { ok: true, answer: 'drawn', cursor: app.replica.copy.head });
});

t.test('a repeat with the same key gets the same reply and does nothing', async (t) => {
  const peer = await HttpPeer.start(t);
  const { command } = await linked(t, peer);
  let count = 0;
  peer.onCommand = () => (count += 1);
  const key = { 'idempotency-key': '"8e03978e, 1"' };
  const first = await command({ command: 'count' }, key);
  t.match(first, { status: 200, json: { answer: 1 }, headers: { 'idempotent-replayed': undefined } });
  const again = await command({ command: 'count' }, key);
  t.strictSame(again.json, first.json);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.match(await command({ command: 'other' }, key), {
    status: 400,
    json: { errors: [{ in: 'header', field: 'Idempotency-Key' }] },
  });
  t.match(await command({ command: 'count' }, { 'idempotency-key': 'bare' }), { json: { answer: 2 } });
  t.match(await command({ command: 'count' }, { 'idempotency-key': '"bare"' }), { json: { answer: 2 } });
  for (const wrong of ['', '""', '"a', 'a b', 'a, a', 'é', 'x'.repeat(129)])
    t.match(await command({ command: 'count' }, { 'idempotency-key': wrong }), { status: 400 }, wrong);
  t.equal(count, 2);

  peer.onCommand = () => new Promise(() => undefined);
  const slow = { command: 'slow', timeout: 2 };
  const late = await command(slow, { 'idempotency-key': 'late' });
  t.match(late, { status: 504, json: { type: '/problems/timed-out' } });
  t.match(await command(slow, { 'idempotency-key': 'late' }), {
    status: 504,
    headers: { 'idempotent-replayed': 'true' },
    json: late.json,
  });
  t.equal(peer.commands.length, 3, 'sent once, whatever became of it');
});

t.test('one after the other, and too many are refused', async (t) => {
  const peer = await HttpPeer.start(t);
  const { command } = await linked(t, peer);
  let now = 0;
  let most = 0;
  let free: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    peer.onCommand = async ({ params }) => {
      most = Math.max(most, (now += 1));
      resolve();
      if (params === 0) await new Promise<void>((resume) => (free = resume));
      now -= 1;
      return params;
    };
  });
  const first = command({ command: 'step', params: 0 });
  await started;
  const others = Array.from({ length: 40 }, (_, i) => command({ command: 'step', params: i + 1 }));
  const refused = others.splice(31);
  for (const reply of await Promise.all(refused))
    t.match(reply, {
      status: 429,
      headers: { 'retry-after': '1' },
      json: { type: '/problems/rate-limited' },
    });
  free();
  for (const [i, reply] of (await Promise.all([first, ...others])).entries())
    t.match(reply, { status: 200, json: { answer: i } });
  t.equal(most, 1);
  t.strictSame(
    peer.commands.map(({ params }) => params),
    Array.from({ length: 32 }, (_, i) => i),
  );
});

t.test('a compositor that answers badly again and again is left alone for a while', async (t) => {
  const peer = await HttpPeer.start(t);
  const { command } = await linked(t, peer);
  peer.mischief = 'garbage';
  // On a machine that stands still for seconds it may be given another try meanwhile: then it fails again.
  let tries = 0;
  let reply = await command({ command: 'a' });
  for (; reply.status === 502 && tries < 20; tries++) {
    t.match(reply.json, { type: '/problems/bad-answer' });
    reply = await command({ command: 'a' });
  }
  t.match(reply, {
    status: 503,
    json: { type: '/problems/circuit-open' },
    headers: { 'retry-after': /^[1-9]/ },
  });
  t.ok(tries >= 5, `${tries} tries`);
});

t.test('whom nobody is connected to, and bad input', async (t) => {
  const peer = await HttpPeer.start(t);
  const { app, inject, command } = await linked(t, peer);
  const to = (id: string) =>
    inject({ method: 'POST', url: `/compositors/${id}/commands`, payload: { command: 'a' } });
  t.match(await to('nobody'), { status: 404, json: { type: '/problems/not-found' } });
  await inject({ method: 'PUT', url: '/compositors/pusher', payload: { name: 'Pusher' } });
  t.match(await to('pusher'), {
    status: 409,
    json: { type: '/problems/not-connected', detail: /no address/ },
  });
  for (const [payload, field] of [
    [{}, '/command'],
    [{ command: '' }, '/command'],
    [{ command: 'a\nb' }, '/command'],
    [{ command: 5 }, '/command'],
    [{ command: 'a', timeout: 61 }, '/timeout'],
    [{ command: 'a', timeout: 0 }, '/timeout'],
    [{ command: 'a', timeout: '5' }, '/timeout'],
    [{ command: 'a', param: 1 }, '/param'],
  ] as const)
    t.match(await command(payload), { status: 400, json: { errors: [{ field }] } }, JSON.stringify(payload));
  for (const params of [null, 0, '', [], { deep: [{}] }])
    t.match(await command({ command: 'a', params }), { status: 200, json: { answer: { params } } });

  await inject({ method: 'PATCH', url: '/compositors/wall', payload: { enabled: false } });
  t.match(await to('wall'), { status: 409, json: { detail: /stopped/ } });
  const sent = peer.commands.length;
  const writer = tokenFor('writer', ['read', 'write']);
  app.tokens.replace({ auth: [writer.entry], anonymous: [] });
  t.match(await to('wall'), { status: 401 });
  t.match(await command({ command: 'a' }, writer.headers), { status: 403 });
  t.equal(peer.commands.length, sent);
});
