import t from 'tap';
import { ConnectorError, type ConnectorErrorKind } from '../../../src/domain/connector.ts';
import { DomainError } from '../../../src/domain/errors.ts';
import { CommandExecutor } from '../../../src/services/commands/command-executor.ts';
import { SteppedClock } from '../../failures/stepped-clock.ts';
import { ScriptedConnector } from './scripted-connector.ts';

const never = () => new AbortController().signal;
const ready = () => undefined;

function start() {
  const connector = new ScriptedConnector();
  const clock = new SteppedClock();
  const executor = new CommandExecutor(connector, clock);
  const run = (name: string, deadline = never(), clientGone = never()) =>
    executor.run({ id: name, command: name }, ready, deadline, clientGone);
  return { connector, clock, executor, run };
}

t.test('in order, and each is sent after the answer to the one before', async (t) => {
  const { connector, run } = start();
  const results = ['a', 'b', 'c'].map((name) => run(name));
  for (const name of 'abc') {
    const { command, answer } = await connector.next();
    t.equal(command.command, name);
    t.equal(connector.sent.length, 'abc'.indexOf(name) + 1, 'no other with it');
    answer(name.toUpperCase());
  }
  t.match(await Promise.all(results), [
    { ok: true, answer: 'A' },
    { ok: true, answer: 'B' },
    { ok: true, answer: 'C' },
  ]);
});

t.test('32 may run or wait, and the next is refused for now', async (t) => {
  const { connector, run } = start();
  const results = Array.from({ length: 32 }, (_, i) => run(String(i)));
  await t.rejects(run('one too many'), {
    name: 'DomainError',
    kind: 'rate-limited',
    extras: { retryAfter: 1 },
  });
  for (let i = 0; i < 32; i++) (await connector.next()).answer(i);
  t.equal((await Promise.all(results)).length, 32);
  t.equal(connector.sent.length, 32);
});

t.test('a command that waits too long, or whose client leaves, is not sent', async (t) => {
  const { connector, run } = start();
  const first = run('first');
  const pending = await connector.next();
  const [late, left] = [new AbortController(), new AbortController()];
  const second = run('second', late.signal);
  const third = run('third', never(), left.signal);
  const fourth = run('fourth');
  late.abort();
  left.abort();
  await t.rejects(second, { name: 'DomainError', kind: 'timed-out' });
  await t.rejects(third, { name: 'DomainError', kind: 'timed-out' });
  pending.answer(1);
  (await connector.next()).answer(4);
  t.match(await Promise.all([first, fourth]), [{ answer: 1 }, { answer: 4 }]);
  t.strictSame(
    connector.sent.map(({ command }) => command),
    ['first', 'fourth'],
  );
});

t.test('a client that leaves does not end a command that was sent', async (t) => {
  const { connector, run } = start();
  const left = new AbortController();
  const result = run('a', never(), left.signal);
  const { answer } = await connector.next();
  left.abort();
  answer('done');
  t.match(await result, { ok: true, answer: 'done' });
});

t.test('the check before sending decides', async (t) => {
  const { connector, executor } = start();
  const refuse = () => {
    throw new DomainError('not-connected', 'the connection was lost');
  };
  await t.rejects(executor.run({ id: 'a', command: 'a' }, refuse, never(), never()), {
    name: 'DomainError',
    kind: 'not-connected',
  });
  t.equal(connector.sent.length, 0);
  const result = executor.run({ id: 'b', command: 'b' }, ready, never(), never());
  (await connector.next()).answer('B');
  t.match(await result, { ok: true }, 'the queue goes on');
});

t.test('each kind of error has its own outcome', async (t) => {
  for (const [kind, result] of [
    ['failed', { ok: false, answer: { why: 'no' }, error: 'it says' }],
    ['timeout', { ok: undefined, kind: 'timed-out', detail: 'it says' }],
    ['unreachable', { ok: undefined, kind: 'bad-answer', detail: 'it says' }],
    ['bad-answer', { ok: undefined, kind: 'bad-answer', detail: 'it says' }],
  ] satisfies [ConnectorErrorKind, object][]) {
    const { connector, run } = start();
    const sent = run('a');
    const extras = kind === 'failed' ? { answer: { why: 'no' } } : {};
    (await connector.next()).fail(new ConnectorError(kind, 'it says', extras));
    t.strictSame(await sent, result, kind);
  }
  const { connector, run } = start();
  const refused = run('a');
  (await connector.next()).fail(new ConnectorError('refused', 'not allowed'));
  await t.rejects(refused, { kind: 'not-connected', message: 'not allowed' });
  const bug = run('b');
  (await connector.next()).fail(new TypeError('a bug'));
  await t.rejects(bug, TypeError);
});

t.test('an answer that is too long to be passed on is an error', async (t) => {
  // What went wrong: what came in a mebibyte may be four of them when it is written again (1e20 has 21 digits then). The replica
  // with the connection said 200, and any other that the command was too large: 413, though it had run.
  for (const [numbers, fits] of [
    [40_000, true],
    [60_000, false],
  ] as const) {
    const answer: unknown = JSON.parse(`[${Array.from({ length: numbers }, () => '1e20').join()}]`);
    const { connector, run } = start();
    const bad = { ok: undefined, kind: 'bad-answer', detail: 'its answer is larger than 1048576 bytes' };
    const done = run('a');
    (await connector.next()).answer(answer);
    t.match(await done, fits ? { ok: true } : bad);
    const failed = run('b');
    (await connector.next()).fail(new ConnectorError('failed', 'it says', { answer }));
    t.match(await failed, fits ? { ok: false } : bad);
  }
});

t.test('after five failures in a row nothing is sent until one trial succeeds', async (t) => {
  const { connector, clock, run } = start();
  const fail = async (kind: ConnectorErrorKind, ms = 0) => {
    const result = run('a');
    const { fail } = await connector.next();
    clock.sleep(ms);
    fail(new ConnectorError(kind, 'an error'));
    return result;
  };
  for (const kind of ['bad-answer', 'unreachable', 'bad-answer'] as const) await fail(kind);
  await fail('timeout', 999);
  await fail('failed');
  for (let i = 0; i < 4; i++) await fail('timeout', 1000);
  const waiting = [run('fifth failure'), run('queued meanwhile')];
  (await connector.next()).fail(new ConnectorError('unreachable', 'an error'));
  t.match(await waiting[0], { ok: undefined });
  await t.rejects(
    waiting[1]!,
    { name: 'DomainError', kind: 'circuit-open', extras: { retryAfter: 5 } },
    'also the one that was queued',
  );
  await t.rejects(run('later'), { name: 'DomainError', kind: 'circuit-open', extras: { retryAfter: 5 } });
  const before = connector.sent.length;

  clock.sleep(5000);
  await fail('bad-answer');
  await t.rejects(run('again'), { name: 'DomainError', kind: 'circuit-open', extras: { retryAfter: 10 } });
  clock.sleep(10_000);
  const good = run('good');
  (await connector.next()).answer('yes');
  t.match(await good, { ok: true });
  await fail('bad-answer');
  const last = run('closed again');
  (await connector.next()).answer('yes');
  t.match(await last, { ok: true });
  t.equal(connector.sent.length, before + 4);
});
