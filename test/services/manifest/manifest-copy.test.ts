import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { ManifestCopy } from '../../../src/services/manifest/manifest-copy.ts';
import { embeddedWorld } from '../../adapters/embedded-world.ts';
import { PlainAuthor } from '../../contract/plain-author.ts';
import { compositor, compositorPatch, tilesOf } from '../../contract/samples.ts';
import { worldFor } from '../../contract/store-world.ts';

/** A copy of a store with two commits, and the next commit. */
async function scene(t: Parameters<typeof worldFor>[0], history = { commits: 10, seconds: 60, bytes: 1e6 }) {
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, message: string) => void errors.push(message),
  };
  const world = await worldFor(t, embeddedWorld);
  const author = await PlainAuthor.join(await world.open());
  await author.write(compositorPatch(compositor('wall')), tilesOf('wall', 'w', 10));
  const clock = new SystemClock();
  const copy = new ManifestCopy({ clock, history, log, work: new LongWork(clock), textBudget: 1e6 });
  return { copy, author, errors, state: await author.store.load() };
}

// What went wrong: a listener that threw ended the call, and those after it, such as the feed, never heard of the commit.
t.test('a listener that fails keeps nothing from the others', async (t) => {
  const { copy, author, errors, state } = await scene(t);
  const heard: string[] = [];
  const fail = (): never => {
    throw new Error('broken');
  };
  copy.subscribe({ loaded: fail, committed: fail, reloaded: fail });
  copy.subscribe({
    loaded: () => heard.push('loaded'),
    committed: ({ cursor }) => heard.push(cursor),
    reloaded: () => heard.push('reloaded'),
  });
  copy.replace(state);
  const [commit] = await author.write(tilesOf('wall', 'v', 10));
  copy.apply(commit!);
  copy.replace(await author.store.load());
  t.strictSame(heard, ['loaded', commit!.cursor, 'reloaded']);
  t.strictSame(errors, Array(3).fill('a listener of the manifest failed'));
});

// What went wrong: when the history held no commit any more, the newest commit was taken to be the one of the start, and an emptied store got
// a log that did not end at its head.
t.test('the newest commit is known when the history holds none', async (t) => {
  const { copy, author, state } = await scene(t, { commits: 0, seconds: 0, bytes: 1e6 });
  copy.replace(state);
  const [commit] = await author.write(tilesOf('wall', 'v', 10));
  copy.apply({ ...commit!, committedAt: Date.now() - 60_000 });
  t.equal(copy.history.length, 0);
  t.equal(copy.log.at(-1)?.cursor, copy.head);
  t.equal(copy.log.length, 1);
});
