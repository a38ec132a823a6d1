import t from 'tap';
import { TransportPeerBus } from '../../src/adapters/peer-bus/transport-peer-bus.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { Receiver, Transport } from '../../src/domain/peer-bus.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A peer bus, and how to put a message into it. */
async function opened() {
  const clock = new ManualClock();
  const logged: object[] = [];
  let receiver: Receiver | undefined;
  const transport: Transport = {
    start: async (to) => void (receiver = to),
    send: async () => true,
    sendToAll: () => undefined,
    close: async () => undefined,
  };
  const log = { error: (fields: object) => void logged.push(fields) };
  const peerBus = await TransportPeerBus.open({ clock, transport, log });
  const receive = async (message: object) => {
    receiver?.receive(JSON.stringify(message));
    await clock.advance(0);
  };
  return { peerBus, clock, logged, receive };
}

// What went wrong: a listener that threw at a message that it did not expect ended the process, and since all replicas
// get the same messages, every replica.
t.test('an error of a listener is logged, and the other listeners still get the message', async (t) => {
  const { peerBus, clock, logged, receive } = await opened();
  const heard: unknown[] = [];
  peerBus.subscribe('topic', (message) => void heard.push((message as { of: { whom: string } }).of.whom));
  peerBus.subscribe('topic', (message) => void heard.push(message));
  await receive({ kind: 'news', from: 'x', topic: 'topic' });
  t.same(heard, [undefined]);
  t.match(logged, [{ err: TypeError, topic: 'topic' }]);
  peerBus.publish('topic', { of: { whom: 'wall' } });
  await clock.advance(0);
  t.same(heard.slice(1), ['wall', { of: { whom: 'wall' } }], 'the next arrive as ever');
});

// What went wrong: an answer of kind refusal without the error that it is about ended the process.
t.test('a refusal that does not say what was thrown is no message', async (t) => {
  const { peerBus, receive } = await opened();
  const asked = peerBus.request('another', 'work', null, new AbortController().signal);
  const refused = t.rejects(asked, { name: 'DomainError', kind: 'not-found', message: 'there is none' });
  for (const body of [undefined, null, 'no', {}]) await receive({ kind: 'refusal', id: '1', body });
  const { message, kind } = new DomainError('not-found', 'there is none');
  await receive({ kind: 'refusal', id: '1', body: { message, error: kind } });
  await refused;
});
