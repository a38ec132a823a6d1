import t, { type Test } from 'tap';
import { relayText } from '../../../src/domain/relay-message.ts';
import { relayTypes } from '../../../src/domain/relay-types.ts';
import type { Relayed } from '../../../src/domain/relayed.ts';
import { Relay } from '../../../src/services/relay/relay.ts';
import { fakeBus } from '../../support/fake-bus.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const saying = (message: { type: string; [field: string]: unknown }) => ({
  type: message.type,
  text: relayText(JSON.stringify(message), message),
});

function start(t: Test) {
  const clock = new ManualClock();
  const { peerBus, published, receive } = fakeBus();
  const log = {
    info: () => undefined,
    warn: (fields: object) => t.fail('logged', fields),
    error: () => undefined,
  };
  const relay = new Relay({ peerBus, clock, types: relayTypes([]), log });
  relay.start();
  t.teardown(() => relay.stop());
  const batches = () => published as { messages: Relayed[] }[];
  return {
    clock,
    relay,
    receive,
    batches,
    /** All that was published, as it was said. */
    said: () => batches().flatMap(({ messages }) => messages.map(({ text }) => JSON.parse(text) as object)),
    dropped: (reason: string) =>
      relay.counts.dropped.reduce((sum, [, why, count]) => sum + (why === reason ? count : 0), 0),
  };
}

t.test('what is said goes out at once, with who said it', async (t) => {
  const { clock, relay, batches } = start(t);
  relay.sender({}).take(saying({ type: 'camera_update', x: 1 }));
  relay.sender({ compositor: 'wall' }).take(saying({ type: 'activation', data: {} }));
  await clock.advance(0);
  t.strictSame(batches(), [
    {
      messages: [
        {
          from: 'self/1',
          type: 'camera_update',
          text: '{"type":"camera_update","x":1}',
          forCompositors: true,
        },
        {
          from: 'compositor:wall',
          type: 'activation',
          text: '{"type":"activation","data":{}}',
          compositor: 'wall',
        },
      ],
    },
  ]);
  t.strictSame(
    [...relay.counts.passed.counts],
    [
      ['camera_update', 1],
      ['activation', 1],
    ],
  );
});

t.test('a flood of one type is thinned out, and the last one arrives; others are not held up', async (t) => {
  const { clock, relay, said, dropped } = start(t);
  const flood = relay.sender({});
  for (let i = 0; i <= 5000; i++) flood.take(saying({ type: 'camera_update', i }));
  flood.take(saying({ type: 'activation', i: 'own' }));
  relay.sender({}).take(saying({ type: 'camera_update', i: 'other' }));
  await clock.advance(0);
  t.same(said(), [
    { type: 'camera_update', i: 9 },
    { type: 'activation', i: 'own' },
    { type: 'camera_update', i: 'other' },
  ]);
  await clock.advance(200);
  t.same(said().at(-1), { type: 'camera_update', i: 5000 });
  t.equal(said().length, 4);
  t.equal(dropped('rate'), 5001 - 2);
});

t.test('who moves at the rate of a screen is thinned out by nobody', async (t) => {
  const { clock, relay, said } = start(t);
  const sender = relay.sender({});
  for (let i = 0; i < 60; i++) {
    sender.take(saying({ type: 'camera_update', i }));
    await clock.advance(1000 / 60);
  }
  t.same(
    said().map((message) => (message as { i: number }).i),
    Array.from({ length: 60 }, (_, i) => i),
  );
});

t.test('commands all arrive, in order, as far as they fit; the others are counted', async (t) => {
  const { clock, relay, said, dropped } = start(t);
  const sender = relay.sender({});
  for (let n = 0; n < 100; n++) sender.take(saying({ type: 'control_command', command: 'step', n }));
  await clock.advance(2000);
  t.same(
    said().map((message) => (message as { n: number }).n),
    Array.from({ length: 74 }, (_, n) => n),
    'ten at once, and 64 that wait',
  );
  t.equal(dropped('rate'), 26);
});

t.test('many senders cost few batches, and each batch has its bounds', async (t) => {
  const { clock, relay, batches, said, dropped } = start(t);
  const senders = Array.from({ length: 3000 }, () => relay.sender({}));
  for (const [i, sender] of senders.entries()) sender.take(saying({ type: 'camera_update', i }));
  senders[0]!.take(saying({ type: 'control_command', command: 'stop' }));
  await clock.advance(100);
  t.equal(batches().length, 5);
  t.ok(batches().every(({ messages }) => messages.length <= 256));
  t.same(said()[0], { type: 'control_command', command: 'stop' }, 'which no camera pushes out');
  t.equal(said().length + dropped('full'), 3001);
  t.same(said().at(-1), { type: 'camera_update', i: 2999 });
});

t.test('long messages share a batch only as far as they fit', async (t) => {
  const { clock, relay, batches } = start(t);
  for (let i = 0; i < 8; i++)
    relay
      .sender({ compositor: `c${i}` })
      .take(saying({ type: 'cognitive_update', data: 'x'.repeat(60_000) }));
  await clock.advance(100);
  t.same(
    batches().map(({ messages }) => messages.length),
    [2, 2, 2, 2],
  );
});

t.test('who may not relay is not heard, and who may not command reaches no compositor', async (t) => {
  const { clock, relay, batches, dropped } = start(t);
  const mute = relay.sender({});
  mute.forbid('relay');
  mute.take(saying({ type: 'camera_update' }));
  const viewer = relay.sender({});
  viewer.forbid('command');
  viewer.take(saying({ type: 'control_command' }));
  viewer.take(saying({ type: 'camera_update' }));
  const daemon = relay.sender({ isDaemon: true });
  daemon.take(saying({ type: 'camera_update' }));
  await clock.advance(10);
  t.equal(dropped('scope'), 1);
  t.same(
    batches().flatMap(({ messages }) =>
      messages.map(({ from, type, forCompositors }) => [from, type, forCompositors]),
    ),
    [
      ['self/2', 'control_command', undefined],
      ['self/2', 'camera_update', true],
      ['self/3', 'camera_update', undefined],
    ],
  );
});

t.test('what is too long or nested too deep is dropped', async (t) => {
  const { clock, relay, batches, dropped } = start(t);
  const sender = relay.sender({});
  const deep: unknown = JSON.parse('['.repeat(500) + ']'.repeat(500));
  sender.take(saying({ type: 'activation', deep }));
  sender.take(saying({ type: 'activation', text: 'x'.repeat(70_000) }));
  await clock.advance(10);
  t.same(batches(), []);
  t.equal(dropped('invalid'), 2);
});

t.test('what other replicas pass on is in the log, and listeners hear of it', async (t) => {
  const { relay, receive } = start(t);
  const heard: Relayed[] = [];
  relay.subscribe((messages) => heard.push(...messages));
  const message = { from: 'other/1', type: 'camera_update', text: '{}' };
  receive({ messages: [message, { from: 7 }] });
  receive({ compositor: 'wall', message: { type: 'camera_update' } });
  t.same(heard, [message]);
  t.same(relay.log.next(0)?.message, message);
});

t.test('after the stop nothing goes out', async (t) => {
  const { clock, relay, batches } = start(t);
  const sender = relay.sender({});
  sender.take(saying({ type: 'camera_update' }));
  relay.stop();
  sender.take(saying({ type: 'camera_update' }));
  await clock.advance(1000);
  t.same(batches(), []);
});
