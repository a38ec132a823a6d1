// What went wrong: the text of the whole map was kept however long it was, and with a budget of some MiB that of a large map took many times that.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { WHOLE } from '../../../src/domain/view.ts';
import { manifestPieces } from '../../../src/services/manifest/json-pieces.ts';
import { LatestDocument } from '../../../src/services/manifest/latest-document.ts';
import { LongText } from '../../../src/services/manifest/long-text.ts';
import { plainOf, type Segment } from '../../../src/services/manifest/text-piece.ts';
import { eventually } from '../../failures/eventually.ts';
import { world, writes } from '../../support/world.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The document of a map of 1.3 MB or so; `budget` is what may be kept of it. */
async function scene(t: Parameters<typeof world>[0], budget: number) {
  const { replica, registry, publisher, queries, clock } = await world(t);
  await registry.register({ id: 'a', name: 'a' }, 'take');
  const tiles = Array.from({ length: 8000 }, (_, i) => [`${i},0`, 'x'.repeat(100)]);
  await publisher.patch('a', writes(Object.fromEntries(tiles) as Record<string, string>, 1000));
  const work = new LongWork(clock);
  let made = 0;
  const latest = new LatestDocument({
    work,
    now: () => queries.now(),
    budget,
    encodeAtOnce: () => undefined,
    pieces: (manifest) => {
      made += 1;
      return manifestPieces(work, manifest, WHOLE, '{', replica.copy.texts);
    },
  });
  return { latest, made: () => made };
}

async function textOf(pieces: AsyncIterable<Segment>): Promise<string> {
  const all: Buffer[] = [];
  for await (const segment of pieces) all.push(plainOf(segment));
  return Buffer.concat(all).toString();
}

t.test('a text within the budget is kept', async (t) => {
  const { latest, made } = await scene(t, 2 ** 24);
  const { body } = await latest.make();
  t.ok(body instanceof LongText && body.whole);
  collectGarbage();
  t.equal((await latest.make()).body, body);
  t.equal(made(), 1);
});

t.test('a longer one is shared while it is sent, and not kept', async (t) => {
  const { latest, made } = await scene(t, 2 ** 20);
  let sending: AsyncGenerator<Segment, void, undefined> | undefined = await (async () => {
    const { body } = await latest.make();
    t.ok(body instanceof LongText);
    const pieces = (body as LongText).pieces();
    await pieces.next();
    return pieces;
  })();
  await new Promise(setImmediate);
  collectGarbage();
  await (async () => {
    const { body } = await latest.make();
    t.equal(made(), 1, 'whoever comes meanwhile gets the same');
    t.equal((body as LongText).whole, undefined, 'and no second text is made of it');
    const text = await textOf((body as LongText).pieces());
    t.equal(Object.keys((JSON.parse(text) as { tiles: object }).tiles).length, 8000);
  })();
  await sending.return();
  sending = undefined;
  await eventually(() => {
    collectGarbage();
    return latest.get() === undefined;
  }, 'it is forgotten');
  await latest.make();
  t.equal(made(), 2);
});
