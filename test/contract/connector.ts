import type { Test } from 'tap';
import type { ResolveName } from '../../src/adapters/connectors/ip-address.ts';
import { eventually } from '../failures/eventually.ts';
import {
  connected,
  link,
  soon,
  type ContractPeer,
  type PeerCommand,
  type StartPeer,
} from './connector-world.ts';

/** What every connector must do (domain/connector.ts), against a real peer that `start` starts. */
export function connectorContract(t: Test, name: string, start: StartPeer<ContractPeer>): void {
  t.test(`${name}: life`, (t) => lifeContract(t, start));
  t.test(`${name}: commands`, (t) => commandContract(t, start));
  t.test(`${name}: guard`, (t) => guardContract(t, start));
}

async function lifeContract(t: Test, start: StartPeer<ContractPeer>): Promise<void> {
  await t.test(
    'it connects, and a probe tells how long it took and what the peer says of itself',
    async (t) => {
      const peer = await start(t);
      peer.info = { name: 'Wall', fps: 60, screens: [{ width: 3840 }] };
      const { connector, lost } = await connected(t, peer.target);
      // What a peer tells unasked may come after the first probe.
      await eventually(async () => (await connector.probe(soon())).info !== undefined, 'its information');
      const { latencyMs, info } = await connector.probe(soon());
      t.ok(latencyMs >= 0 && latencyMs < 20_000, String(latencyMs));
      t.strictSame(info, peer.info);
      t.strictSame(lost, []);
    },
  );

  await t.test('a peer that says nothing of itself is well all the same', async (t) => {
    const peer = await start(t);
    peer.info = undefined;
    const { connector } = await connected(t, peer.target);
    t.notOk('info' in (await connector.probe(soon())));
  });

  await t.test('information that is too large or too deep is none', async (t) => {
    for (const info of [{ text: 'x'.repeat(5000) }, nested(500)]) {
      const peer = await start(t);
      peer.info = info;
      const { connector } = await connected(t, peer.target);
      t.equal((await connector.send({ id: '1', command: 'go' }, soon())) !== undefined, true);
      t.notOk('info' in (await connector.probe(soon())));
    }
  });

  await t.test('where nobody listens it is unreachable', async (t) => {
    const peer = await start(t);
    await peer.stop();
    const { connector, lost } = link(t, peer.target);
    await t.rejects(connector.connect(soon()), {
      name: 'ConnectorError',
      message: /nothing listens|ECONNREFUSED/,
    });
    await t.rejects(connector.probe(soon()), { name: 'ConnectorError' });
    await peer.listen();
    await connected(t, peer.target);
    t.strictSame(lost, [], 'what never was is not lost');
  });

  await t.test('a call ends by its signal', async (t) => {
    const peer = await start(t);
    const { connector } = await connected(t, peer.target);
    peer.silence();
    await t.rejects(connector.probe(AbortSignal.timeout(50)), { message: /in time/ });
    const stop = new AbortController();
    const answer = connector.send({ id: 'a', command: 'wait' }, stop.signal);
    stop.abort();
    await t.rejects(answer, { message: /in time/ });
    await t.rejects(connector.send({ id: 'b', command: 'late' }, AbortSignal.abort()), {
      message: /in time/,
    });
    await t.rejects(link(t, peer.target).connector.connect(AbortSignal.abort()), { message: /in time/ });
  });

  await t.test('a peer that dies is noticed', async (t) => {
    const peer = await start(t);
    const { connector, lost } = await connected(t, peer.target);
    const heard = commandAt(peer);
    const answer = connector.send({ id: 'a', command: 'wait' }, soon());
    await Promise.all([
      t.rejects(answer, { name: 'ConnectorError', message: /\w/ }),
      heard.then(() => peer.stop()),
    ]);
    await t.rejects(connector.probe(soon()), { name: 'ConnectorError' });
    t.ok(lost.length <= 1, 'told once, by those that have a link to lose');
    for (const { kind } of lost) t.equal(kind, 'unreachable');
  });

  await t.test('close ends everything, may be called twice, and loses nothing', async (t) => {
    const peer = await start(t);
    const { connector, lost } = await connected(t, peer.target);
    const heard = commandAt(peer);
    const answer = connector.send({ id: 'a', command: 'wait' }, soon());
    await Promise.all([
      t.rejects(answer, { name: 'ConnectorError' }),
      heard.then(() => Promise.all([connector.close(), connector.close()])),
    ]);
    await connector.close();
    await eventually(() => peer.open === 0, 'all connections are closed');
    await t.rejects(connector.probe(soon()), { name: 'ConnectorError' });
    await t.rejects(connector.send({ id: 'b', command: 'go' }, soon()), { name: 'ConnectorError' });
    t.strictSame(lost, []);
    await link(t, peer.target).connector.close();
  });
}

async function commandContract(t: Test, start: StartPeer<ContractPeer>): Promise<void> {
  await t.test('an answer is any JSON value', async (t) => {
    const peer = await start(t);
    const { connector } = await connected(t, peer.target);
    const answers = [{ a: [1, { b: null }] }, [], 'Ü\u2028"\n', 0.5, true, null];
    for (const [i, answer] of answers.entries()) {
      peer.onCommand = () => answer;
      t.strictSame(await connector.send({ id: `c${i}`, command: 'say' }, soon()), answer);
    }
  });

  await t.test('a command arrives with its id and params, or without', async (t) => {
    const peer = await start(t);
    const { connector } = await connected(t, peer.target);
    await connector.send({ id: 'one', command: 'zoom', params: { factor: 2, at: [1, -1] } }, soon());
    await connector.send({ id: 'two', command: 'stop' }, soon());
    t.match(peer.commands, [
      { id: 'one', command: 'zoom', params: { factor: 2, at: [1, -1] } },
      { id: 'two', command: 'stop', params: undefined },
    ]);
  });

  await t.test('calls overlap, go out in their order, and each gets its own answer', async (t) => {
    const peer = await start(t);
    const { connector } = await connected(t, peer.target);
    peer.onCommand = ({ id }) => `answer to ${id}`;
    const ids = Array.from({ length: 50 }, (_, i) => `c${i}`);
    const answers = await Promise.all(ids.map((id) => connector.send({ id, command: 'say' }, soon())));
    t.strictSame(
      answers,
      ids.map((id) => `answer to ${id}`),
    );
    t.strictSame(
      peer.commands.map(({ id }) => id),
      ids,
    );
  });

  await t.test('a command that fails says why', async (t) => {
    const peer = await start(t);
    const { connector } = await connected(t, peer.target);
    peer.onCommand = () => {
      throw new Error('no such wall');
    };
    const error = await connector.send({ id: 'a', command: 'go' }, soon()).catch((error: unknown) => error);
    t.match(error, { name: 'ConnectorError', kind: 'failed' });
    t.match(JSON.stringify((error as { answer: unknown }).answer), 'no such wall');
    t.match((error as { reason: unknown }).reason, 'no such wall', 'and so does the reason, for the caller');
    t.notMatch((error as Error).message, 'no such wall', 'the message is for the log');
    peer.onCommand = () => 'well';
    t.equal(await connector.send({ id: 'b', command: 'go' }, soon()), 'well');
  });

  await t.test('an answer that is too large or too deep is none', async (t) => {
    for (const answer of ['x'.repeat(2 * 2 ** 20), nested(500)]) {
      const peer = await start(t);
      const { connector } = await connected(t, peer.target);
      peer.onCommand = () => answer;
      const error = await connector.send({ id: 'a', command: 'go' }, soon()).catch((error: unknown) => error);
      t.match(error, { name: 'ConnectorError', kind: 'bad-answer' });
    }
  });
}

async function guardContract(t: Test, start: StartPeer<ContractPeer>): Promise<void> {
  await t.test('an address that is not allowed is refused before anything is opened', async (t) => {
    const peer = await start(t);
    const { connector } = link(t, peer.target, { allow: ['public', 'private'] });
    const error = await connector.connect(soon()).catch((error: unknown) => error);
    t.match(error, { name: 'ConnectorError', kind: 'refused', message: /loopback/ });
    t.equal(peer.connections, 0);
  });

  await t.test('a name is asked for once, and its allowed addresses alone are gone to', async (t) => {
    const peer = await start(t);
    if (!peer.targetAt) return;
    const { resolve, asked } = names([['169.254.169.254', '127.0.0.1']]);
    const { connector } = await connected(t, peer.targetAt('wall.example'), { resolve });
    await connector.probe(soon());
    t.equal(asked(), 1);
    t.ok(peer.connections >= 1);
  });

  await t.test('a name that leads somewhere else later is refused then', async (t) => {
    const peer = await start(t);
    if (!peer.targetAt) return;
    const { resolve, asked } = names([['127.0.0.1'], ['169.254.169.254']]);
    const target = peer.targetAt('wall.example');
    const first = await connected(t, target, { resolve });
    await first.connector.probe(soon());
    t.equal(asked(), 1, 'the connection that stands goes where it went');
    await first.connector.close();
    const again = link(t, target, { resolve });
    const error = await again.connector.connect(soon()).catch((error: unknown) => error);
    t.match(error, { name: 'ConnectorError', kind: 'refused' });
  });

  await t.test('a name that does not resolve is unreachable', async (t) => {
    const peer = await start(t);
    if (!peer.targetAt) return;
    const { connector } = link(t, peer.targetAt('wall.example'));
    const error = await connector.connect(soon()).catch((error: unknown) => error);
    t.match(error, { kind: 'unreachable', message: 'the name "wall.example" cannot be resolved' });
  });
}

/** Resolves when the peer has heard a command, which it then never answers. */
function commandAt(peer: ContractPeer): Promise<PeerCommand> {
  return new Promise((resolve) => {
    peer.onCommand = (command) => {
      resolve(command);
      return new Promise(() => undefined);
    };
  });
}

/** A name server that says something else each time; the last of it from then on. */
function names(answers: readonly (readonly string[])[]): { resolve: ResolveName; asked: () => number } {
  let times = 0;
  const resolve: ResolveName = async () => {
    const addresses = answers[Math.min(times++, answers.length - 1)]!;
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { resolve, asked: () => times };
}

function nested(depth: number): object {
  let value = {};
  for (let i = 0; i < depth; i++) value = { in: value };
  return value;
}
