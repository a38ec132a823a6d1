import { once } from 'node:events';
import t from 'tap';
import type { StoredFile } from '../../../src/domain/brick-files.ts';
import { FileStreams } from '../../../src/services/bricks/file-streams.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A file of endless zeros, and whether it was closed. */
function endless(): StoredFile & { closed: boolean } {
  const file = {
    size: Infinity,
    etag: '"x"',
    closed: false,
    read: async function* () {
      for (;;) yield Buffer.alloc(1000);
    },
    close: async () => void (file.closed = true),
  };
  return file;
}

const ALL = { start: 0, end: 1000 };

t.test('only so many files are sent at a time, and each that ends makes a place', async (t) => {
  const streams = new FileStreams(new ManualClock());
  const files = Array.from({ length: 64 }, endless);
  const open = await Promise.all(files.map((file) => streams.open(file, ALL)));
  const another = endless();
  await t.rejects(streams.open(another, ALL), { message: /too many large pictures/ });
  t.notOk(another.closed, 'which is then for its owner to close');
  open[0]!.destroy();
  await once(open[0]!, 'close');
  t.ok(files[0]!.closed);
  (await streams.open(another, ALL)).destroy();
  for (const each of open) each.destroy();
});

t.test('a client that takes nothing for a minute is given up', async (t) => {
  const clock = new ManualClock();
  const streams = new FileStreams(clock);
  const file = endless();
  const bytes = await streams.open(file, ALL);
  const closed = new Promise<void>((resolve) => bytes.once('close', resolve));
  const failed = once(bytes, 'error');
  await clock.advance(61_000);
  t.match(await failed, [{ message: /takes nothing/ }]);
  await closed;
  t.ok(file.closed);
});
