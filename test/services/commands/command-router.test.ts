import t, { type Test } from 'tap';
import { ConnectorError, type Connector } from '../../../src/domain/connector.ts';
import { PeerRequestError, type PeerBus } from '../../../src/domain/peer-bus.ts';
import { CommandRouter, type CommandRouterOptions } from '../../../src/services/commands/command-router.ts';
import { world, writes } from '../../support/world.ts';
import { ScriptedConnector } from './scripted-connector.ts';

/** Until what was just asked for stands in line. */
const inLine = () => new Promise((resolve) => setImmediate(resolve));
const never = () => new AbortController().signal;
const PLAIN = { command: 'reload', timeout: 30 };
const KEYED = { ...PLAIN, key: 'k' };

/** What a replica asks goes to the handlers of `there` as JSON. */
function peerBusOf(there?: Map<string, Parameters<PeerBus['handle']>[1]>): {
  peerBus: PeerBus;
  handlers: typeof there & {};
} {
  const handlers = new Map<string, Parameters<PeerBus['handle']>[1]>();
  const peerBus: PeerBus = {
    self: there ? 'asker' : 'holder',
    handle: (topic, handler) => {
      handlers.set(topic, handler);
      return () => handlers.delete(topic);
    },
    request: async (_to, topic, message, signal) => {
      const handler = there?.get(topic);
      if (!handler) throw new PeerRequestError('undelivered', 'no such replica');
      const late = new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new PeerRequestError('unanswered', 'no answer'))),
      );
      const answer = handler(JSON.parse(JSON.stringify(message)), signal);
      return JSON.parse(JSON.stringify(await Promise.race([answer, late]))) as unknown;
    },
    publish: () => undefined,
    hint: () => undefined,
    subscribe: () => () => undefined,
    close: async () => undefined,
  };
  return { peerBus, handlers };
}

/** A replica that holds the connector of `wall`, and one that does not. */
async function company(t: Test) {
  const { replica, registry, publisher, clock } = await world(t);
  // The daemon's timers hold no process, and without a socket nothing else would while a test waits for one of them.
  const alive = setInterval(() => undefined, 2 ** 30);
  t.teardown(() => clearInterval(alive));
  await registry.register({ name: 'Wall', id: 'wall', protocol: 'http', address: '127.0.0.1' }, 'take');
  const connectors = new Map<string, Connector>();
  const connector = new ScriptedConnector();
  connectors.set('wall', connector);
  const { peerBus, handlers } = peerBusOf();
  const directory = (holds: boolean): CommandRouterOptions['connections'] => ({
    connectorOf: (id) => (holds ? connectors.get(id) : undefined),
    isOpening: () => false,
    holderOf: async (id) => (id === 'wall' ? 'holder' : undefined),
  });
  const holder = new CommandRouter({ replica, registry, connections: directory(true), peerBus, clock });
  holder.start();
  t.teardown(() => holder.stop());
  const asker = new CommandRouter({
    replica,
    registry,
    connections: directory(false),
    peerBus: peerBusOf(handlers).peerBus,
    clock,
  });
  return { holder, asker, connector, connectors, registry, publisher };
}

t.test('a command comes back with its answer, from whichever replica was asked', async (t) => {
  const { holder, asker, connector } = await company(t);
  for (const commands of [holder, asker]) {
    const result = commands.run('wall', { ...PLAIN, params: { a: [1] } }, never());
    const { command, answer } = await connector.next();
    t.match(command, { id: String, command: 'reload', params: { a: [1] } });
    answer({ b: 2 });
    t.match(await result, {
      replayed: false,
      result: { id: command.id, sent: { ok: true, answer: { b: 2 } }, took: Number, cursor: null },
    });
  }
  t.not(connector.sent[0]!.id, connector.sent[1]!.id, 'no two have one id');
  const nothing = holder.run('wall', PLAIN, never());
  (await connector.next()).answer(undefined);
  t.match(await nothing, { result: { sent: { ok: true, answer: null } } });
});

t.test('the cursor is of the newest commit for that compositor meanwhile', async (t) => {
  const { holder, connector, publisher, registry } = await company(t);
  await registry.register({ name: 'Door', id: 'door' }, 'take');
  await publisher.patch('wall', writes({ '0,0': 'before' }));
  const result = holder.run('wall', PLAIN, never());
  const { answer } = await connector.next();
  await publisher.patch('wall', writes({ '0,0': 'first' }));
  const { cursor } = await publisher.patch('wall', writes({ '0,0': 'second' }));
  await publisher.patch('door', writes({ '1,1': 'other' }));
  answer(1);
  t.equal((await result).result.cursor, cursor);
});

t.test('under one key it is sent once, while it runs and after', async (t) => {
  const { holder, asker, connector } = await company(t);
  const first = asker.run('wall', KEYED, never());
  const { command, answer } = await connector.next();
  const meanwhile = holder.run('wall', KEYED, never());
  answer('done');
  const { result } = await first;
  t.match(await first, { replayed: false, result: { sent: { answer: 'done' } } });
  t.strictSame(await meanwhile, { result, replayed: true });
  t.strictSame(await asker.run('wall', KEYED, never()), { result, replayed: true });
  t.equal(connector.sent.length, 1);
  for (const other of [{ command: 'stop' }, { params: { a: 1 } }])
    await t.rejects(asker.run('wall', { ...KEYED, ...other }, never()), {
      name: 'DomainError',
      kind: 'invalid-request',
      extras: { errors: [{ in: 'header', field: 'Idempotency-Key' }] },
    });
  const again = holder.run('wall', { ...KEYED, key: 'other' }, never());
  const { command: another, answer: answerOther } = await connector.next();
  answerOther('again');
  t.match(await again, { replayed: false });
  t.not(command.id, another.id);
});

t.test(
  'a key whose command may have been done is never sent again; one that surely was not, is',
  async (t) => {
    const { holder, connector, connectors } = await company(t);
    const unknown = holder.run('wall', KEYED, never());
    (await connector.next()).fail(new ConnectorError('unreachable', 'the connection broke'));
    t.match(await unknown, { replayed: false, result: { sent: { kind: 'bad-answer' } } });
    t.match(await holder.run('wall', KEYED, never()), {
      replayed: true,
      result: { sent: { kind: 'bad-answer', detail: 'the connection broke' } },
    });

    connectors.delete('wall');
    await t.rejects(
      holder.run('wall', { ...KEYED, key: 'early' }, never()),
      { kind: 'not-connected', message: /is not connected at present/ },
      'nothing was sent',
    );
    t.match(await holder.run('wall', KEYED, never()), { replayed: true }, 'it knows what it knew');
    connectors.set('wall', connector);
    const early = holder.run('wall', { ...KEYED, key: 'early' }, never());
    (await connector.next()).answer('now');
    t.match(await early, { replayed: false, result: { sent: { answer: 'now' } } });
  },
);

t.test('the id that a compositor is told under a key is the same wherever it is sent from', async (t) => {
  const ids = new Set<string>();
  for (let replica = 0; replica < 2; replica++) {
    const { holder, connector } = await company(t);
    const result = holder.run('wall', KEYED, never());
    const { command, answer } = await connector.next();
    ids.add(command.id);
    answer(1);
    await result;
  }
  t.equal(ids.size, 1);
});

t.test('deadlines: of the command, of a repeat that waits for it, and of the other replica', async (t) => {
  const { holder, asker, connector } = await company(t);
  const short = { ...PLAIN, timeout: 0.05 };
  t.match(await holder.run('wall', short, never()), { result: { sent: { kind: 'timed-out' } } });
  t.match(await asker.run('wall', short, never()), { result: { sent: { kind: 'timed-out' } } });
  for (let i = 0; i < 2; i++) await connector.next();

  const first = holder.run('wall', KEYED, never());
  const { answer } = await connector.next();
  await t.rejects(
    holder.run('wall', { ...KEYED, timeout: 0.05 }, never()),
    { kind: 'timed-out', message: /first request/ },
    'a repeat waits no longer than it asks for',
  );
  await t.rejects(
    holder.run('wall', short, never()),
    { kind: 'timed-out', message: /waited/ },
    'waited in line',
  );
  answer(1);
  t.match(await first, { result: { sent: { ok: true } } });
  t.equal(connector.sent.length, 3);

  const clientGone = new AbortController();
  const left = asker.run('wall', PLAIN, clientGone.signal);
  (await connector.next()).answer(1);
  await left;
  const unanswered = asker.run('wall', PLAIN, clientGone.signal);
  await connector.next();
  clientGone.abort();
  await t.rejects(unanswered, { kind: 'timed-out', message: /replica/ });
});

t.test('who cannot be told anything', async (t) => {
  const { holder, asker, connectors, registry } = await company(t);
  await t.rejects(holder.run('nobody', PLAIN, never()), { name: 'DomainError', kind: 'not-found' });
  await registry.register({ name: 'Door', id: 'door' }, 'take');
  await t.rejects(asker.run('door', PLAIN, never()), { kind: 'not-connected', message: /no address/ });
  connectors.delete('wall');
  await t.rejects(holder.run('wall', PLAIN, never()), {
    kind: 'not-connected',
    message: /is not connected at present/,
  });
  await t.rejects(asker.run('wall', PLAIN, never()), { name: 'DomainError', kind: 'not-connected' });
  await registry.describe('wall', { enabled: false });
  await t.rejects(holder.run('wall', PLAIN, never()), { kind: 'not-connected', message: /stopped/ });
  holder.stop();
  await t.rejects(
    asker.run('wall', PLAIN, never()),
    { name: 'DomainError', kind: 'not-connected' },
    'the holder is no longer there',
  );
});

t.test('commands that waited when the connection was lost are not sent', async (t) => {
  const { holder, connector, connectors } = await company(t);
  const first = holder.run('wall', PLAIN, never());
  const { fail } = await connector.next();
  const second = holder.run('wall', PLAIN, never());
  await inLine();
  const next = new ScriptedConnector();
  connectors.set('wall', next);
  const third = holder.run('wall', PLAIN, never());
  fail(new ConnectorError('unreachable', 'lost'));
  t.match(await first, { result: { sent: { kind: 'bad-answer' } } });
  await t.rejects(second, { name: 'DomainError', kind: 'not-connected' });
  (await next.next()).answer('over the new connection');
  t.match(await third, { result: { sent: { answer: 'over the new connection' } } });
  t.equal(connector.sent.length, 1);
});
