import type { Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { connected, soon, type StartPeer, type TalkingPeer } from './connector-world.ts';

/** Heartbeats, and what is passed on between a peer and those who watch. */
export async function relayContract(t: Test, start: StartPeer<TalkingPeer>): Promise<void> {
  await t.test('a heartbeat is answered in kind: its unit, and whole numbers with whole ones', async (t) => {
    const peer = await start(t);
    await connected(t, peer.target);
    const answer = async (timestamp: unknown) => {
      const before = peer.heard.length;
      peer.say({ type: 'heartbeat', timestamp });
      await eventually(() => peer.heard.length > before, 'the answer');
      return Number(peer.heard.at(-1)!['timestamp']);
    };
    const near = (now: number, then: number, ceiling: number) =>
      t.ok(Math.abs(then - now) < ceiling, `${then}`);
    near(Date.now() / 1000, await answer(1_700_000_000.5), 600);
    const milliseconds = await answer(Date.now());
    near(Date.now(), milliseconds, 600_000);
    t.ok(Number.isInteger(milliseconds));
    const seconds = await answer(Math.floor(Date.now() / 1000));
    near(Date.now() / 1000, seconds, 600);
    t.ok(Number.isInteger(seconds), 'as serde reads a u64');
    near(Date.now() / 1000, await answer('now'), 600);
  });

  // What went wrong: a Rust compositor that sends cameras so often that it never comes to its own heartbeat forgot us.
  await t.test('who knows heartbeats gets one at each probe; before its own, in whole seconds', async (t) => {
    const peer = await start(t);
    const { connector, relayed } = await connected(t, peer.target);
    await connector.probe(soon());
    peer.say({ type: 'camera_update', x: 1 });
    await eventually(() => relayed.length === 1, 'it takes part');
    t.strictSame(peer.heard, [], 'not before');
    await connector.probe(soon());
    const heartbeat = await peer.hears(({ type }) => type === 'heartbeat');
    t.match(heartbeat, { type: 'heartbeat' });
    t.ok(Number.isInteger(heartbeat['timestamp']) && Number(heartbeat['timestamp']) < 1e11);
    // Its answer is not answered.
    peer.say({ type: 'heartbeat', timestamp: 1 });
    await peer.ask({ type: 'lease' });
    t.equal(peer.heard.filter(({ type }) => type === 'heartbeat').length, 1);
  });

  await t.test('what is to be relayed is passed on as it came, of every type that is named', async (t) => {
    const peer = await start(t);
    const { relayed, odd } = await connected(t, peer.target);
    const messages = [
      { type: 'camera_update', x: 1.5, y: -2, zoom: 3 },
      { type: 'cognitive_update', data: { focus: ['3,-4'], load: 0.5 } },
      { type: 'activation', data: { tile: '3,-4' } },
      { type: 'neural_state_update', layers: [[0, 1]] },
      { type: 'token_visualization', token: 'a' },
      { type: 'control_command', command: 'pause' },
      { type: 'command_ack', command: 'pause', status: 'received' },
      { type: 'WindowUpdate', id: 7 },
      { type: 'scene_update', of: 'the configuration' },
    ];
    peer.say(...messages, { type: 'camera_update', text: 'x'.repeat(70_000) }, { type: 'scene_updates' });
    await eventually(() => relayed.length === messages.length, 'all');
    await peer.ask({ type: 'lease' });
    t.strictSame(
      relayed,
      messages.map((message) => JSON.stringify(message)),
    );
    t.match(odd, { invalid: 1, unknown: 1 });
  });

  await t.test('a peer gets commands of browsers, and all else once it takes part', async (t) => {
    const peer = await start(t);
    const { connector, relayed } = await connected(t, peer.target);
    const say = (type: string, n: number, from = 'a/1') =>
      connector.relay?.([{ from, type, text: JSON.stringify({ type, n }), forCompositors: true }]);
    say('camera_update', 1);
    say('control_command', 2);
    await peer.hears(({ n }) => n === 2);
    peer.say({ type: 'camera_update' });
    await eventually(() => relayed.length === 1, 'it takes part');
    say('camera_update', 3);
    say('command_ack', 4);
    await peer.hears(({ n }) => n === 4);
    t.strictSame(
      peer.heard.map(({ n }) => n),
      [2, 3, 4],
    );
  });
}
