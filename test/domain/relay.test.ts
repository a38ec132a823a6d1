import fc from 'fast-check';
import t from 'tap';
import { RelayLog } from '../../src/domain/relay-log.ts';
import { RelayQueue } from '../../src/domain/relay-queue.ts';
import { RelayRate } from '../../src/domain/relay-rate.ts';
import { isCommandType, mayBeRelayed, relayTypes } from '../../src/domain/relay-types.ts';
import { conflationName, type Relayed } from '../../src/domain/relayed.ts';
import { law } from './law.ts';

const types = fc.constantFrom('camera_update', 'activation', 'control_command', 'command_ack');
const sent = fc.array(
  fc.record({
    from: fc.constantFrom('a/1', 'a/2', 'b/1'),
    type: types,
    length: fc.integer({ min: 0, max: 40 }),
  }),
  { maxLength: 60 },
);

/** What was sent, each with a text of its own. */
const messagesOf = (all: readonly { from: string; type: string; length: number }[]): Relayed[] =>
  all.map(({ from, type, length }, n) => ({ from, type, text: `${n} ${'x'.repeat(length)}` }));

/** Of each sender and type the last, and every command. */
const conflated = (messages: readonly Relayed[]) =>
  messages.filter(
    (message, i) =>
      isCommandType(message.type) ||
      !messages.slice(i + 1).some((later) => conflationName(later) === conflationName(message)),
  );

const texts = (messages: readonly Relayed[]) => messages.map(({ text }) => text);

t.test('which types are passed on, and which a configuration may add', async (t) => {
  t.ok(relayTypes(['scene_update']).has('scene_update'));
  t.ok(relayTypes([]).has('WindowUpdate'));
  for (const fine of ['roadmap_update', 'a', 'x.y:z-1']) t.ok(mayBeRelayed(fine), fine);
  for (const bad of ['', 'tile_update', 'heartbeat', 'reply', '1a', 'a b', 'ä', 'x'.repeat(65), 'a\n'])
    t.notOk(mayBeRelayed(bad), bad);
});

t.test('a sender has so much in a window, whatever it sends', async (t) => {
  law(
    t,
    'no more than twice a window in the time of one',
    [fc.array(fc.tuple(types, fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: 30 })))],
    (steps) => {
      const rate = new RelayRate();
      const passed: { at: number; type: string; length: number }[] = [];
      let now = 0;
      for (const [type, length, later] of steps) {
        now += later;
        const quiet = passed.every(({ at }) => now - at >= 100);
        const admitted = rate.admits(type, length, now);
        if (quiet && !admitted) throw new Error('the first message of a window was held back');
        if (admitted) passed.push({ at: now, type, length });
      }
      for (const { at } of passed) {
        const within = passed.filter((each) => each.at >= at && each.at < at + 100);
        const most = Math.max(
          0,
          ...within.map(({ type }) => within.filter((each) => each.type === type).length),
        );
        if (most > 20 || within.length > 40) throw new Error(`${most} of a type, ${within.length} in all`);
        const text = within.reduce((sum, { length }) => sum + length, 0);
        if (text > 2 * (65_536 + 70_000)) throw new Error(`${text} characters`);
      }
    },
  );
});

t.test('what waits is the last of each kind, and every command, commands first', async (t) => {
  law(t, 'with room for all', [sent], (all) => {
    const messages = messagesOf(all);
    const dropped: Relayed[] = [];
    const queue = new RelayQueue({ messages: 1000, text: 1e6, dropped: (message) => dropped.push(message) });
    for (const message of messages) queue.add(message);
    const taken = queue.take(() => true);
    const left = conflated(messages);
    t.same(texts(taken).toSorted(), texts(left).toSorted());
    const commands = left.filter(({ type }) => isCommandType(type));
    t.same(texts(taken).slice(0, commands.length), texts(commands), 'in their order');
    t.equal(taken.length + dropped.length, messages.length, 'each is taken or dropped');
    t.equal(queue.size, 0);
  });
});

t.test('a queue never holds more than it may, and counts what it drops', async (t) => {
  law(t, 'whatever comes', [sent], (all) => {
    const dropped: Relayed[] = [];
    const queue = new RelayQueue({ messages: 6, text: 120, dropped: (message) => dropped.push(message) });
    for (const [i, message] of messagesOf(all).entries()) {
      queue.add(message);
      const before = queue.size;
      if (before > 7) throw new Error(`${before} wait`);
      if (i % 5 === 4) queue.take(({ text }) => text.length % 2 === 0 && dropped.push(message) > 0);
    }
    const rest = queue.take(() => true);
    if (rest.reduce((sum, { text }) => sum + text.length, 0) > 120) throw new Error('too much text');
    t.equal(rest.length + dropped.length, all.length);
  });
});

t.test('a command that has to wait holds back later commands, and no other message', async (t) => {
  const queue = new RelayQueue({ messages: 10, text: 1000, dropped: () => t.fail('dropped') });
  const message = (type: string, text: string): Relayed => ({ from: 'a/1', type, text });
  queue.add(message('control_command', 'first'));
  queue.add(message('command_ack', 'second'));
  queue.add(message('camera_update', 'camera'));
  t.same(texts(queue.take(({ text }) => text !== 'first')), ['camera']);
  t.ok(queue.holds(message('control_command', 'third')));
  t.notOk(queue.holds(message('camera_update', 'next')));
  t.same(texts(queue.take(() => true)), ['first', 'second']);
});

t.test('however many cameras come, commands keep their place', async (t) => {
  const dropped: string[] = [];
  const queue = new RelayQueue({ messages: 8, text: 1e6, dropped: ({ type }) => dropped.push(type) });
  for (let n = 0; n < 6; n++) queue.add({ from: 'a/1', type: 'control_command', text: `${n}` });
  for (let n = 0; n < 100; n++) queue.add({ from: `b/${n}`, type: 'camera_update', text: `camera ${n}` });
  const taken = texts(queue.take(() => true));
  t.same(taken.slice(0, 4), ['0', '1', '2', '3']);
  t.equal(dropped.filter((type) => type === 'control_command').length, 2, 'half of the room is theirs');
  t.ok(taken.includes('camera 99'), 'the newest camera is kept');
});

t.test('each reader of the log ends with the last of each kind, wherever it reads', async (t) => {
  law(t, 'from any position', [sent, fc.array(fc.boolean(), { maxLength: 60 })], (all, reads) => {
    const messages = messagesOf(all);
    const log = new RelayLog();
    const heard: Relayed[] = [];
    let position = log.end;
    const read = () => {
      for (let next = log.next(position); next; next = log.next(position)) {
        heard.push(next.message);
        position = next.position;
      }
    };
    for (const [i, message] of messages.entries()) {
      log.append(message);
      if (reads[i]) read();
    }
    read();
    const order = heard.map((message) => messages.indexOf(message));
    t.same(
      order,
      [...new Set(order)].toSorted((a, b) => a - b),
      'in order, and once',
    );
    for (const message of conflated(messages))
      if (!heard.includes(message)) throw new Error(`${message.text} was not heard`);
    t.equal(log.complete, 0);
  });
});

t.test('the log keeps so many, and says from where it is complete', async (t) => {
  const log = new RelayLog();
  for (let n = 0; n < 5000; n++) log.append({ from: `a/${n}`, type: 'camera_update', text: `${n}` });
  t.equal(log.complete, 5000 - 1024);
  t.equal(log.next(0)?.message.text, String(5000 - 1024));
  for (let n = 0; n < 5000; n++) log.append({ from: 'b/1', type: 'camera_update', text: `b${n}` });
  t.equal(log.complete, 5000 - 1023, 'a newer message of one sender takes no place of another');
  const long = 'x'.repeat(65_536);
  for (let n = 0; n < 200; n++) log.append({ from: `c/${n}`, type: 'camera_update', text: long });
  let kept = 0;
  for (let next = log.next(0); next; next = log.next(next.position)) kept += next.message.text.length;
  t.ok(kept <= 4 * 1024 * 1024, `${kept} characters`);
  t.equal(log.next(log.end), undefined);
});
