import { once } from 'node:events';
import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import type { HistoryPolicy } from '../../../src/domain/history.ts';
import { linesIn } from '../../../src/services/archive/archive-stream.ts';
import { Backups } from '../../../src/services/archive/backups.ts';
import { checkArchive } from '../../../src/services/archive/read-archive.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { world, writes } from '../../support/world.ts';

/** Names that do not compress. */
const noise = () => Array.from({ length: 200 }, () => Math.random().toString(36)[2] ?? 'x').join('');

/** A map that does not fit into the buffers between the text and whoever takes the archive. */
async function mapOf(t: Parameters<typeof world>[0], history: Partial<HistoryPolicy> = {}) {
  const services = await world(t, { history });
  const { registry, publisher, replica, store } = services;
  await registry.register({ id: 'wall', name: 'Wall' }, 'take');
  const row = (y: number) =>
    writes(Object.fromEntries(Array.from({ length: 2000 }, (_, x) => [`${x},${y}`, noise()])));
  for (let y = 0; y < 4; y++) await publisher.patch('wall', row(y));
  const clock = new ManualClock();
  const work = new LongWork(services.clock);
  const backups = new Backups({ copy: replica.copy, store, clock, work, version: '1.2.3' });
  return { ...services, backups, clock, row };
}

t.test('whoever takes nothing for half a minute loses it, and the next one gets the place', async (t) => {
  const { backups, clock, replica } = await mapOf(t);
  const { body } = await backups.take();
  body.on('error', () => undefined);
  await t.rejects(backups.take(), { message: 'another backup is on its way' });
  const closed = once(body, 'close');
  await clock.advance(90_000);
  await closed;
  const next = await backups.take();
  t.equal(next.cursor, replica.copy.head);
  const { header } = await checkArchive(linesIn(next.body));
  t.equal(header.counts.tiles, 8000);
  t.ok((await backups.take()).body.destroy(), 'nor does one that was read keep it');
});

t.test('one that is taken slower than the history is kept is cut, and never wrong', async (t) => {
  const { backups, publisher, row } = await mapOf(t, { commits: 2, seconds: 0 });
  const { body } = await backups.take();
  for (let i = 0; i < 6; i++) await publisher.patch('wall', row(i % 4));
  await t.rejects(checkArchive(linesIn(body)), { message: 'the map changed faster than it could be read' });
});

t.test('a daemon that keeps no history takes archives of its head, too', async (t) => {
  const { backups, replica } = await mapOf(t, { commits: 0, seconds: 0 });
  const { body, cursor } = await backups.take();
  t.equal(cursor, replica.copy.head);
  const { header } = await checkArchive(linesIn(body));
  t.match(header, { head: cursor, counts: { tiles: 8000 } });
});
