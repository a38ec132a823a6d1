import t from 'tap';
import {
  TransportPeerBus,
  type Receiver,
  type Transport,
} from '../../src/adapters/peer-bus/transport-peer-bus.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** An office, and whoever may write where it is read. */
async function opened() {
  const clock = new ManualClock();
  const logged: object[] = [];
  let arrivals: Receiver | undefined;
  const transport: Transport = {
    start: async (to) => void (arrivals = to),
    send: async () => true,
    sendToAll: () => undefined,
    close: async () => undefined,
  };
  const log = { error: (fields: object) => void logged.push(fields) };
  const office = await TransportPeerBus.open({ clock, transport, log });
  const arrives = async (letter: object) => {
    arrivals?.receive(JSON.stringify(letter));
    await clock.advance(0);
  };
  return { office, clock, logged, arrives };
}

// What went wrong: a listener that threw at news that were not as it expected them ended the process, and since all replicas
// hear the same news, every replica.
t.test('news that a listener cannot bear are logged, and reach the others', async (t) => {
  const { office, clock, logged, arrives } = await opened();
  const heard: unknown[] = [];
  office.subscribe('news', (message) => void heard.push((message as { of: { whom: string } }).of.whom));
  office.subscribe('news', (message) => void heard.push(message));
  await arrives({ kind: 'news', from: 'x', topic: 'news' });
  t.same(heard, [undefined]);
  t.match(logged, [{ err: TypeError, topic: 'news' }]);
  office.publish('news', { of: { whom: 'wall' } });
  await clock.advance(0);
  t.same(heard.slice(1), ['wall', { of: { whom: 'wall' } }], 'the next are heard as ever');
});

// What went wrong: a refusal without the error that it is about was read where letters come in, and ended the process.
t.test('a refusal that does not say what was thrown is no letter', async (t) => {
  const { office, arrives } = await opened();
  const asked = office.request('another', 'work', null, new AbortController().signal);
  const refused = t.rejects(asked, { name: 'DomainError', kind: 'not-found', message: 'there is none' });
  for (const body of [undefined, null, 'no', {}]) await arrives({ kind: 'refusal', id: '1', body });
  const { message, kind } = new DomainError('not-found', 'there is none');
  await arrives({ kind: 'refusal', id: '1', body: { message, error: kind } });
  await refused;
});
