import t from 'tap';
import { PeerRelay } from '../../src/adapters/connectors/peer-relay.ts';
import type { Relayed } from '../../src/domain/relayed.ts';

const message = (type: string, text: string, from = 'a/1'): Relayed => ({ from, type, text });

/** A link whose peer reads when the test says so. */
function start() {
  const sent: string[] = [];
  const dropped: string[] = [];
  const link = {
    unsentBytes: 0,
    send: (...texts: readonly string[]) => {
      sent.push(...texts);
      link.unsentBytes += texts.reduce((sum, text) => sum + text.length, 0);
    },
  };
  return { sent, dropped, link, relay: new PeerRelay(link, (type) => dropped.push(type)) };
}

t.test('a peer that does not read gets the last of each kind when it does, and memory stays', async (t) => {
  const { sent, dropped, link, relay } = start();
  relay.takesPart = true;
  link.unsentBytes = 100_000;
  for (let n = 0; n < 1000; n++) relay.add([message('camera_update', `camera ${n}`)]);
  for (let n = 0; n < 200; n++) relay.add([message('control_command', `command ${n}`)]);
  for (let n = 0; n < 500; n++) relay.add([message('camera_update', `other ${n}`, `b/${n}`)]);
  t.same(sent, []);
  link.unsentBytes = 0;
  relay.send();
  t.same(
    sent.slice(0, 128),
    Array.from({ length: 128 }, (_, n) => `command ${n}`),
    'commands in order, as far as they fit',
  );
  t.equal(sent.length, 256);
  t.equal(sent.at(-1), 'other 499');
  t.equal(dropped.filter((type) => type === 'control_command').length, 72);
  t.equal(
    dropped.filter((type) => type === 'camera_update').length,
    501 - 128,
    'one that was replaced is not missed',
  );
});

t.test('it stops when much is unread, and goes on when that has left', async (t) => {
  const { sent, link, relay } = start();
  relay.takesPart = true;
  const text = 'x'.repeat(30_000);
  relay.add(Array.from({ length: 6 }, (_, n) => message('cognitive_update', text, `a/${n}`)));
  t.equal(sent.length, 3);
  link.unsentBytes = 0;
  relay.send();
  t.equal(sent.length, 6);
});

t.test('a peer that does not take part gets commands alone', async (t) => {
  const { sent, relay } = start();
  relay.add([message('camera_update', 'a'), message('control_command', 'b'), message('command_ack', 'c')]);
  t.same(sent, ['b']);
});
