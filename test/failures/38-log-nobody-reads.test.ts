// FAILURES 38. Whatever reads the log stands still (a log driver, a full disk of the journal, a pager). The daemon serves on, and ends in order.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { droppedLines, fillLog, unreadDaemon } from '../support/unread-daemon.ts';
import { eventually } from './eventually.ts';

/** Milliseconds that a request takes at most, on a busy machine. */
const BOUND = 1000;

t.test('it serves on, counts what is dropped, and says so when it is read again', async (t) => {
  const { child, url } = await unreadDaemon(t);
  const slowest = await fillLog(url);
  t.ok(slowest < BOUND, `${slowest} ms`);
  const dropped = await droppedLines(url);
  t.ok(dropped > 100, `${dropped} lines are counted`);

  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await eventually(() => text.includes('lines of the log were dropped'), 'the log says so');
  const lines = text.trimEnd().split('\n');
  for (const line of lines) JSON.parse(line);
  t.ok(lines.length > 1000, 'what was there first is not lost');
  child.kill();
  t.strictSame(await once(child, 'close'), [0, null]);
  const all = text.trimEnd().split('\n');
  t.equal(new Set(all).size, all.length, 'and nothing came twice');
});

// Each worker that ends makes the pipe, which all share, one on which writes wait.
for (const [how, args] of [
  ['alone', []],
  ['with workers', ['--workers=2']],
] as const)
  t.test(`it ends in order, ${how}, though nobody reads its last lines`, async (t) => {
    const { child, url } = await unreadDaemon(t, args);
    await fillLog(url);
    const ended = once(child, 'exit');
    child.kill();
    t.strictSame(await Promise.race([ended, delay(12_000, 'too late', { ref: false })]), [0, null]);
  });
