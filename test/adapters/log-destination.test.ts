import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { LogDestination } from '../../src/adapters/log-destination.ts';
import { eventually } from '../failures/eventually.ts';

/** A pipe: both of its ends, of which neither waits. */
function pipe(t: Test): { writes: number; read: () => string } {
  const path = join(t.testdir(), 'pipe');
  spawnSync('mkfifo', [path]);
  const reads = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writes = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(2 ** 20);
  const pieces: Buffer[] = [];
  t.teardown(() => {
    closeSync(writes);
    closeSync(reads);
  });
  const read = () => {
    try {
      pieces.push(Buffer.from(buffer.subarray(0, readSync(reads, buffer))));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return Buffer.concat(pieces).toString();
  };
  return { writes, read };
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} ${'é'.repeat(40)}\n`);

t.test('lines arrive whole and in order, however slowly they are read', async (t) => {
  const { writes, read } = pipe(t);
  const log = new LogDestination({ fd: writes });
  const all = lines(0, 5000);
  for (const line of all) log.write(line);
  const expected = all.join('');
  await eventually(() => read().length >= expected.length, 'all of it');
  t.equal(read(), expected);
  t.equal(log.dropped, 0);
});

t.test('what nobody reads is dropped and counted, and the next reader hears how much', async (t) => {
  const { writes, read } = pipe(t);
  const log = new LogDestination({ fd: writes, most: 10_000 });
  const announced: number[] = [];
  log.onDropped = (count) => {
    announced.push(count);
    log.write(`dropped ${count}\n`);
  };
  for (const line of lines(0, 5000)) {
    log.write(line);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(log.dropped > 3000, `${log.dropped} lines`);
  const { dropped } = log;
  await eventually(() => read().includes('dropped'), 'it says so');
  t.strictSame(announced, [dropped]);
  const text = read();
  t.equal(text.split('\n').length - 1, 5000 - dropped + 1, 'each line is there or counted');
  log.write('after\n');
  await eventually(() => read().endsWith('after\n'), 'it goes on');
});

t.test('at the end it waits for nobody, and writes what is taken', async (t) => {
  const { writes, read } = pipe(t);
  const log = new LogDestination({ fd: writes });
  log.write('last\n');
  log.write('words\n');
  log.end();
  t.equal(read(), 'last\nwords\n');
  const stuck = new LogDestination({ fd: writes });
  for (const line of lines(0, 5000)) stuck.write(line);
  const begun = performance.now();
  stuck.end();
  t.ok(performance.now() - begun < 30_000);
});

t.test('a reader that is gone ends nothing', async (t) => {
  const path = join(t.testdir(), 'pipe');
  spawnSync('mkfifo', [path]);
  const reads = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writes = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  t.teardown(() => closeSync(writes));
  closeSync(reads);
  const log = new LogDestination({ fd: writes });
  log.write('to nobody\n');
  log.end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  log.write('again\n');
});
