// FAILURES 2. Trimmed gap. Of 100 commits 20 are kept. A resume at 10 must be told of the gap and get a snapshot, never
// commit 81 as if it were the next. Also a resume at exactly first - 1, first and last.
import { revisionOf, type Cursor } from '../../src/domain/cursor.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { onBothStores } from './both-stores.ts';
import { readOpening } from './opening.ts';
import { HttpPublisher } from './publisher.ts';

onBothStores('places before, at and in what is left of a trimmed history', {}, async (t, on) => {
  const { url } = await startDaemon(t, { args: ['--history-commits=20', '--history-seconds=0'], ...on });
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patchMany(99, 'brick', (i) => `${i % 7},0`);
  const at = (revision: number) => wall.cursors[revision - 1]!;
  const stream = `${url}/manifest/stream`;

  const history = await send('GET', `${url}/manifest/history?limit=1000`);
  const oldestKept = history.body.items.at(-1).revision as number;
  t.equal(history.body.items[0].cursor, at(100));
  t.ok(oldestKept >= 80 && oldestKept <= 81, `20 or 21 are kept: from ${oldestKept}`);
  const base = oldestKept - 1;

  for (const lost of [10, 1, base - 1]) {
    const opening = await readOpening(t, stream, at(lost));
    t.equal(opening.names, 'snapshot synced', `${lost}: a snapshot`);
    t.equal(opening.reason, 'gap', `${lost}: told why`);
    t.equal(opening.tiles.size, 7);
    t.equal(opening.id, at(100));

    for (const query of [`changes?since=${at(lost)}`, `history?after=${at(lost)}`]) {
      const { status, body } = await send('GET', `${url}/manifest/${query}`);
      t.equal(status, 410, query);
      t.equal(body.type, '/problems/cursor-gone');
      t.equal(body.oldest, at(base), 'says from where on it is known');
    }
    for (const query of [`at=${at(lost)}`, `atLeast=${at(lost)}`, `revision=${lost}`]) {
      const { status, body } = await send('GET', `${url}/manifest?${query}`);
      t.equal(status, 410, query);
      t.equal(body.oldest, at(base));
    }
  }

  for (const kept of [base, base + 1, 90, 99]) {
    const opening = await readOpening(t, stream, at(kept));
    t.equal(opening.names, 'patch synced', `${kept}: one patch`);
    const missed = wall.cursors.slice(kept).length;
    t.equal(opening.tiles.size, Math.min(missed, 7), `${kept}: all it missed, and no more`);
    t.equal(opening.tiles.get('0,0')?.brick, 'brick-98');
    t.equal(opening.id, at(100));

    const changes = await send('GET', `${url}/manifest/changes?since=${at(kept)}`);
    t.equal(changes.status, 200);
    t.strictSame(new Set(Object.keys(changes.body.tiles)), new Set(opening.tiles.keys()));
    const then = await send('GET', `${url}/manifest?at=${at(kept)}`);
    const last = kept - 2;
    t.equal(then.body.tiles[`${last % 7},0`].brick, `brick-${last}`, `${kept}: as it was`);
    t.equal(revisionOf(then.body.cursor as Cursor), kept);
  }

  const last = await readOpening(t, stream, at(100));
  t.equal(last.names, 'synced', 'the last: nothing was missed');
  const nothing = await send('GET', `${url}/manifest/changes?since=${at(100)}`);
  t.strictSame(nothing.body.tiles, {});
  const next = await wall.patch({ '3,3': { brick: 'next' } });
  t.equal((await last.next())?.id, next, 'and what comes then is the next one');
});
