const replica = 'src/services/manifest/replica.ts';
const copy = 'src/services/manifest/manifest-copy.ts';
const overview = 'src/services/manifest/overview.ts';
const semaphore = 'src/concurrency/semaphore.ts';
const reconciler = 'src/services/manifest/reconciler.ts';
const queue = 'src/services/manifest/commit-queue.ts';
const batch = 'src/services/manifest/batch-builder.ts';
const expirer = 'src/services/compositors/lease-expirer.ts';
const watch = 'src/domain/lease-watch.ts';
const feed = 'src/services/feed/feed.ts';
const passes = 'src/services/feed/pass-loop.ts';
const position = 'src/services/feed/position.ts';
const reader = 'src/services/feed/reader.ts';
const group = 'src/services/feed/view-group.ts';
const views = 'src/services/feed/stream-views.ts';
const snapshot = 'src/services/feed/snapshot.ts';
const history = 'src/domain/history.ts';
const plane = 'src/domain/tile-plane.ts';
const draft = 'src/domain/draft.ts';
const reserving = 'src/domain/reserving.ts';
const regions = 'src/services/compositors/regions.ts';
const registration = 'src/domain/registration.ts';
const duties = 'src/domain/lease-expiry.ts';

const rule = (name, ...edits) => ({
  name,
  edits: edits.map(([file, from, to]) => ({ file, from, to })),
});

/** Each is a rule, and how the code looks without it. */
export const ablations = [
  rule(
    'an entry is applied on any head (and a store that reads by revision)',
    [
      'test/simulation/sim-server.ts',
      'this.#log.findIndex((commit) => commit.cursor === cursor)',
      'this.#log.findIndex((commit) => revisionOf(commit.cursor) === revisionOf(cursor))',
    ],
    [reconciler, 'if (commit.prev !== this.#head) {', 'if (false) {'],
    [history, 'if (commit.prev !== this.head)', 'if (false)'],
  ),
  rule('a no-op or an error is not verified', [
    queue,
    'if (planned.length === 0 && batch.commits.length === 0) return;',
    'if (batch.commits.length === 0) return this.#answerRest(planned, batch);',
  ]),
  rule('an unanswered write is not recognised in the log', [
    queue,
    'const write = this.#sent.get(commit.id);',
    'const write = this.#sent.get(commit.id);\n    if (write?.unanswered) return;',
  ]),
  rule('a gap is forgotten', [
    queue,
    'if (write.unanswered) write.gap = true',
    'if (write.unanswered) write.gap = false',
  ]),
  rule('an unanswered write is called undone', [
    queue,
    'else if (write.unanswered) this.#rejectUnknown(write);\n      else this.#reject(write, writeRefused(error));',
    'else this.#reject(write, writeRefused(error));',
  ]),
  rule('a retry is the same commit at another time', [batch, '`${write.id} ${this.#now}`', 'write.id']),
  rule('what was withdrawn is seen until it is swept', [
    plane,
    'if (!block.owner.isWithdrawn && block.has(index)) return block;',
    'if (block.has(index)) return block;',
  ]),
  rule('who comes back writes among the tiles that were withdrawn', [
    plane,
    'owned.isWithdrawn = true;\n    this.#owners.delete(id);',
    'owned.isWithdrawn = true;',
  ]),
  rule('a draft forgets what the batch wrote for the compositor it withdraws', [
    draft,
    'if (tile?.compositor === id) this.#changes.tiles.set(key, null);',
    'if (tile?.compositor === id) continue;',
  ]),
  rule('a loaded history reaches back over a withdrawal', [
    copy,
    'state.log.findLastIndex(({ withdraws }) => withdraws !== undefined) + 1',
    '0',
  ]),
  rule('a partial map counts as a whole one', [position, 'if (id.partial || id.view', 'if (id.view']),
  rule('a partial id may be older than its reader', [
    snapshot,
    'cursor: head, partial: true',
    'cursor: this.since, partial: true',
  ]),
  rule('an unknown cursor is answered without a catch-up', [
    position,
    'if (!loaded || (id && !history.has(id.cursor)))',
    'if (!loaded)',
  ]),
  rule('a replica that never loaded answers', [
    position,
    'if (!loaded || (id && !history.has(id.cursor)))',
    'if (id && !history.has(id.cursor))',
  ]),
  rule('what no round has brought is forgotten', [
    reader,
    'this.#changedNames.add(this.group.visiblePart(composeVisible(undelivered, this.group.view)));',
    '',
  ]),
  rule('what changed since a shared snapshot is not sent', [
    reader,
    'if (changes) this.#changedNames.add(this.group.visiblePart(changes));',
    '',
  ]),
  rule('changes during a snapshot are not sent', [
    reader,
    'if (patchSize(patch) <= most) this.#changedNames.add(patch);',
    '',
  ]),
  rule('what came into view is not sent', [
    reader,
    'this.#parts.begin(new NewlyVisible({ copy, view, before: before.view, now: clock.now(), limits }));',
    '',
  ]),
  rule('a reader inside a snapshot counts as one that has its view', [
    reader,
    "if (this.#state === 'sending') return this.#needSnapshot('initial');",
    '',
  ]),
  rule('a change of the view is no half a map', [
    group,
    'cursor: head, partial: true',
    'cursor: head, partial: false',
  ]),
  rule('a reader of another view stays among those of the old one', [
    feed,
    'this.#groups.join(reader, group);\n    this.#leave(reader, before);\n    return group;',
    'this.#groups.join(reader, group);\n    return group;',
  ]),
  rule('a catch-up comes in parts', [
    reader,
    "if (!encoder) {\n      this.#needSnapshot('gap');",
    "if (!encoder) {\n      this.#position = head;\n      this.#state = 'sending';\n      this.#parts.begin();\n      this.#changedNames.add(this.group.visiblePart(patch));",
  ]),
  rule(
    'compose first, select then',
    [history, 'compose(patch, whole ? part : select(part, commit.undo, view));', 'compose(patch, part);'],
    [
      history,
      'yield* composeInSteps(patch, commits, view);\n  return patch;',
      'const all = [...commits];\n  yield* composeInSteps(patch, all, view);\n  const undo = emptyPatch();\n  for (const { undo: each } of all.toReversed()) compose(undo, each);\n  return isWhole(view) ? patch : select(patch, undo, view);',
    ],
  ),
  rule('a bookmark overtakes data', [
    feed,
    'if (reader.exact && !reader.output.draining && reader.group.idle) reader.sendSynced();',
    'if (reader.exact) reader.sendSynced();',
  ]),
  rule('a drained socket wakes nobody', [
    feed,
    'if (reader.exact || !this.#readers.has(reader)) return;',
    'if (this.#readers.has(reader)) return;',
  ]),
  rule('work that comes while a round runs waits', [passes, 'if (this.hasWork) this.runSoon();', '']),
  rule('areas do not hear of commits', [overview, 'live.commit(commit);', '']),
  rule('areas end while somebody uses them', [
    overview,
    'if (!this.#users.delete(user) || this.#users.size > 0) return;',
    'this.#users.delete(user);',
  ]),
  rule('a change of the view is promised and not made', [
    reader,
    'return (this.#nextView = changedView(',
    'return (changedView(',
  ]),
  rule('a stream of another replica is not looked for', [
    views,
    'if (replica === undefined) return undefined;',
    'if (replica !== this.#peerBus.self) return undefined;',
  ]),
  rule('areas outlive a reload', [overview, 'this.#live = undefined;', '']),
  rule('readers do not hear of a reload', [copy, '(again ? listener', '(false ? listener']),
  rule('a round goes on after a reload', [passes, 'if (group.round !== round) break;', '']),
  rule('a view group keeps what it had before a reload', [
    feed,
    'for (const group of this.#groups.all()) group.forget();',
    '',
  ]),
  rule('a first snapshot may be called a reset', [
    reader,
    "this.#state === 'waiting' && this.#snapshotReason === 'initial' ? 'initial' : 'reset'",
    "'reset'",
  ]),
  rule('a draining socket is written to as if it were not', [
    reader,
    'this.#position = round.commits[from]!.prev;',
    'this.#position = round.last.cursor;',
  ]),
  rule('the head is never asked for', [
    replica,
    'this.#stopPolling = repeat(this.#options.clock, POLL, () => this.#poll());',
    '',
  ]),
  rule('who finds the store empty starts at once', [
    reconciler,
    'if (state.head === GENESIS && this.#options.store.shared) {',
    'if (false) {',
  ]),
  rule('a capped answer counts as all', [
    reconciler,
    'if (this.#head !== missed.head) await this.reconcile();',
    '',
  ]),
  rule('commits and catch-ups interleave', [
    semaphore,
    'if (this.#free > 0) this.#free -= 1;',
    'if (this.#free > 0) this.#free -= 0;',
  ]),
  rule('a lease ends without asking the store again', [expirer, '          expired: [lease],\n', '']),
  rule('a jump of the store clock is not noticed', [expirer, 'if (jump > JUMP)', 'if (jump > Infinity)']),
  rule('two jumps between two looks go unnoticed', [watch, 'isClose ? monotonic : undefined', 'undefined']),
  rule('a lease is watched before the first look', [watch, '?? 0, this.#began)', '?? 0)']),
  rule(
    'leases end however short the connection',
    [expirer, 'const connected = replica.connectivity.connectedFor()', 'const connected = Infinity'],
    [expirer, 'this.#options.replica.connectivity.connectedFor() <', 'Infinity <'],
    [watch, '?? 0, this.#began)', '?? 0)'],
  ),
  rule('deadlines far ahead are not pulled back', [
    expirer,
    'if (duties.pullBack.length > 0)',
    'if (duties.pullBack.length > 1e9)',
  ]),
  rule('a lost lease is not granted anew', [
    expirer,
    'if (duties.grant.length > 0 || duties.drop.length > 0)',
    'if (duties.drop.length > 0)',
  ]),
  rule('a region outlives its compositor', [
    registration,
    'for (const region of ids) patch.regions.set(region, null);',
    '',
  ]),
  rule('others write in an exclusive region', [
    reserving,
    'if (region.exclusive && region.compositor !== owner) return asInWay(id, region);',
    'if (region.exclusive && region.compositor !== owner) continue;',
  ]),
  rule('exclusive regions of two compositors touch', [
    reserving,
    'if (other.compositor !== region.compositor && (region.exclusive || other.exclusive))',
    'if (other.compositor !== region.compositor && region.exclusive && other.exclusive)',
  ]),
  rule('a repeat with its key makes a region of its own', [
    regions,
    'if (key === undefined) return',
    'if (key !== undefined) return',
  ]),
  rule('a lease of a region that the store lost is not granted anew', [
    duties,
    "duties[deadline === undefined ? 'grant' : 'pullBack'].push(name);",
    "if (deadline !== undefined || !name.id.startsWith('R')) duties[deadline === undefined ? 'grant' : 'pullBack'].push(name);",
  ]),
];
