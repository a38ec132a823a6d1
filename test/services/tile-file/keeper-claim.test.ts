import t from 'tap';
import type { KeeperNote, KeeperNotes } from '../../../src/domain/shared-file.ts';
import { KeeperClaim } from '../../../src/services/tile-file/keeper-claim.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A note that everybody reads and writes at once. */
class Note implements KeeperNotes {
  note: KeeperNote | undefined;

  async read() {
    return this.note;
  }

  async write(note: KeeperNote) {
    this.note = note;
  }
}

function world() {
  const clock = new ManualClock();
  const notes = new Note();
  const claim = (deployment: string, self: string) =>
    new KeeperClaim({ notes, clock, self, name: `daemon ${self}`, deployment: async () => deployment });
  /** What came of it, whatever time it took. */
  const held = async (each: KeeperClaim) => {
    const result = each.hold();
    await clock.advance(1000);
    return result;
  };
  return { clock, notes, claim, held };
}

t.test('a daemon with another store keeps its hands off, until the keeper lets go', async (t) => {
  const { claim, held } = world();
  const [one, two] = [claim('A', '1'), claim('B', '2')];
  t.equal(await held(one), undefined);
  t.equal(await held(two), 'daemon 1');
  t.equal(await held(one), undefined);
  await one.release();
  t.equal(await held(two), undefined);
  t.equal(await held(one), 'daemon 2');
});

t.test('a keeper without a sign of life for 30 s has ended', async (t) => {
  const { clock, claim, held } = world();
  const [one, two] = [claim('A', '1'), claim('B', '2')];
  await held(one);
  t.equal(await held(two), 'daemon 1');
  for (let i = 0; i < 20; i++) {
    await clock.advance(3000);
    t.equal(await held(one), undefined);
    t.equal(await held(two), 'daemon 1', 'it lives');
  }
  await clock.advance(27_000);
  t.equal(await held(two), 'daemon 1');
  await clock.advance(3000);
  t.equal(await held(two), undefined);
  t.equal(await held(one), 'daemon 2', 'and when it wakes up, it finds another');
});

t.test('of two that want it at the same time one has it', async (t) => {
  const { clock, claim } = world();
  const [one, two] = [claim('A', '1'), claim('B', '2')];
  const both = Promise.all([one.hold(), two.hold()]);
  await clock.advance(1000);
  t.equal((await both).filter((other) => other === undefined).length, 1);
});

t.test('a replica on the same store takes over at once, with what is known of the file', async (t) => {
  const { notes, claim, held } = world();
  const [one, two] = [claim('A', '1'), claim('A', '2')];
  await held(one);
  await one.know('digest');
  t.equal(await held(two), undefined);
  t.equal(two.digest, 'digest');
  t.match(notes.note, { deployment: 'A', keeper: '2', digest: 'digest' });
  await two.release();
  const other = claim('B', '3');
  t.equal(await held(other), undefined);
  t.equal(other.digest, '', 'what another deployment knew is nothing to go by');
});
