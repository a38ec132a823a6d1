import type { Clock } from '../../domain/clock.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { composeVisible } from '../../domain/history.ts';
import { isEmptyPatch, patchSize, type Patch } from '../../domain/patch.ts';
import { viewHasTile } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { timeMember, type ViewGroup, type Round } from './view-group.ts';
import type { FeedCounts } from './feed-counts.ts';
import { encodeFrame, isTileKey, PatchEncoder, type Frame } from './event.ts';
import type { Sink } from './sink.ts';
import type { Snapshot, SnapshotReason } from './snapshot.ts';

/**
 * Where a reader is:
 * - `joining`: not admitted yet.
 * - `exact`: it was sent all that its view shows up to now; a round sends it the shared frame.
 * - `behind`: a place in the log; its socket was draining when a round came by.
 * - `sending`: a snapshot's parts, then the names that changed meanwhile, piece by piece as the socket takes them.
 * - `waiting`: it needs a snapshot once its socket drains.
 */
type State = 'joining' | 'exact' | 'behind' | 'sending' | 'waiting';

/**
 * One open stream. What it owes its client is a place in the log, or a set of names whose present values it sends: never
 * a queue of events. So a reader that never reads costs at most the names its view shows (DESIGN 2).
 */
export class Reader {
  readonly group: ViewGroup;
  readonly #replica: Replica;
  readonly #sink: Sink;
  readonly #clock: Clock;
  /** Bytes: a catch-up beyond this is sent as a snapshot. */
  readonly #buffer: number;
  readonly #counts: FeedCounts;
  /** When this connection is to end, on the monotonic clock. */
  readonly endsAt: number;
  /** When the last frame was written, on the monotonic clock. */
  lastFrameAt: number;
  /** The revision of the last id it was sent. */
  sentRevision = 0;
  #state: State = 'joining';
  snapshotReason: SnapshotReason = 'initial';
  /** The history was replaced since this stream was opened: a place judged before is one in another history. */
  historyReplaced = false;
  /** Everything the view shows up to here was sent, or is among the names still to send. */
  position: Cursor;
  #snapshot: Snapshot | undefined;
  #nextPart = 1;
  /** Names still to send, and those that changed while these were sent. */
  names: Iterator<string> | undefined;
  changedNames = new Set<string>();

  constructor(options: {
    channel: ViewGroup;
    replica: Replica;
    sink: Sink;
    clock: Clock;
    buffer: number;
    endsAt: number;
    counts: FeedCounts;
  }) {
    this.group = options.channel;
    this.#replica = options.replica;
    this.#sink = options.sink;
    this.#clock = options.clock;
    this.#buffer = options.buffer;
    this.endsAt = options.endsAt;
    this.#counts = options.counts;
    this.position = options.replica.head;
    this.lastFrameAt = options.clock.monotonic();
  }

  /** Nothing that it can see is unsent. */
  get exact(): boolean {
    return this.#state === 'exact';
  }

  get draining(): boolean {
    return this.#sink.draining;
  }

  /** Takes its place: after `cursor`, or with a snapshot for `why`. */
  start(place: Cursor | SnapshotReason): void {
    const { history } = this.#replica;
    if (place === 'initial' || place === 'gap' || place === 'reset') {
      this.#restart(place === 'gap' && this.historyReplaced ? 'reset' : place);
    } else if (history.has(place)) {
      this.position = place;
      this.sentRevision = revisionOf(place);
      this.#state = 'behind';
    } else {
      this.#restart(this.historyReplaced ? 'reset' : 'gap');
    }
  }

  /** Starts over with a snapshot as soon as the socket takes it. */
  #restart(why: SnapshotReason): void {
    this.#state = 'waiting';
    this.snapshotReason = why;
    this.position = this.#replica.head;
    this.#snapshot = undefined;
    this.names = undefined;
    this.changedNames.clear();
  }

  /** The history was replaced: what it has may be of another one. */
  reset(): void {
    this.historyReplaced = true;
    if (this.#state === 'joining') return;
    // Who still waits for a first snapshot has nothing to forget.
    this.#restart(this.#state === 'waiting' && this.snapshotReason === 'initial' ? 'initial' : 'reset');
  }

  /** A round of its channel reaches it. True: it owes something now that its socket would take. */
  serve(round: Round): boolean {
    const from = round.after(revisionOf(this.position));
    if (from === round.commits.length) return false;
    if (this.#state === 'sending') {
      this.#collect(round.patch(from));
      this.position = round.last.cursor;
      const { manifest } = this.#replica;
      // Tiles may come and go for ever while a client does not read: starting over is bounded, a set of names is not.
      if (
        this.changedNames.size >
        this.group.limits.pendingNames + manifest.tileCount + manifest.compositorCount
      )
        this.#restart('gap');
    } else if (this.#state === 'exact') {
      const shared = this.#sink.draining ? 'later' : this.#sharedFrame(round, from);
      if (shared === 'later') {
        if (this.#sink.draining) this.#counts.conflated += 1;
        // The commits before this one did not touch the view: the place just before it is exact, too.
        this.#state = 'behind';
        this.position = round.commits[from]!.prev;
        return !this.#sink.draining;
      }
      this.position = round.last.cursor;
      if (shared) this.#write(shared, round.revision);
    }
    return false;
  }

  /** What this round says to everybody in this place; several commits that are large together are a snapshot's matter. */
  #sharedFrame(round: Round, from: number): Frame | undefined | 'later' {
    const shared = round.frame(from);
    const single = round.commits.length - from === 1;
    return shared && !single && shared.bare.length > this.#buffer ? 'later' : shared;
  }

  /**
   * Sends what it owes, as far as the socket takes it. True: there is more, and the socket would take it; come back
   * after the others had their turn.
   */
  advance(): boolean {
    if (this.#sink.draining) return false;
    if (this.#state === 'behind') this.#catchUp();
    if (this.#state === 'waiting') this.#beginSnapshot();
    return this.#state === 'sending' && this.#send();
  }

  /** A sign of life and a bookmark: the client is exact at the head. Only for one that is. */
  sendSynced(): void {
    this.position = this.#replica.head;
    this.#write(this.#synced(), revisionOf(this.position));
  }

  /** Hands over the last frame and ends the stream. */
  end(last: Frame): void {
    this.#sink.write(last);
    this.#sink.end();
  }

  destroy(): void {
    this.#sink.destroy();
  }

  #catchUp(): void {
    const { history, head } = this.#replica;
    if (!history.has(this.position)) return this.#restart('gap');
    const patch = history.changes(this.position, this.group.view);
    this.position = head;
    if (!isEmptyPatch(patch)) {
      const text = this.#fits(patch);
      if (!text) return this.#restart('gap');
      this.#write(
        encodeFrame(text.finish('patch', this.group.id(head), '', timeMember(this.#replica.headAt))),
        revisionOf(head),
      );
    }
    this.#state = 'exact';
    this.#write(this.#synced(), revisionOf(head));
  }

  /**
   * The patch as one event; undefined when a snapshot is better. Never in parts: a client cut off between two would
   * come back with the cursor from before them, and a replica that is still there would call it exact.
   */
  #fits(patch: Patch): PatchEncoder | undefined {
    const text = new PatchEncoder();
    for (const entries of [patch.compositors, patch.tiles])
      for (const [name, value] of entries) if (!text.add(name, value, this.#buffer)) return undefined;
    const large = text.bytes > this.group.limits.part;
    return large && this.#shownUpTo(patchSize(patch)) < patchSize(patch) ? undefined : text;
  }

  /** How many entries the view shows; counts no further than `limit`. */
  #shownUpTo(limit: number): number {
    const { manifest } = this.#replica;
    const entries = [manifest.visibleCompositors(this.group.view), manifest.visibleTiles(this.group.view)];
    let shown = 0;
    for (const each of entries) while (shown < limit && !each.next().done) shown += 1;
    return shown;
  }

  #beginSnapshot(): void {
    const { history, manifest, head } = this.#replica;
    // Shared only while what changed since it began is known and little.
    const usable = (since: Cursor) =>
      history.has(since) &&
      patchSize(history.changes(since, this.group.view)) <= this.group.limits.pendingNames;
    const snapshot = this.group.snapshot(manifest, head, this.#clock.now(), usable);
    this.#snapshot = snapshot;
    this.#nextPart = 1;
    this.names = undefined;
    this.changedNames = new Set();
    this.#collect(history.changes(snapshot.since, this.group.view));
    this.position = head;
    this.#state = 'sending';
    this.#counts.snapshots[this.snapshotReason] += 1;
    this.#write(snapshot.first(this.snapshotReason, head), undefined);
  }

  #send(): boolean {
    for (let sent = 0; sent < this.group.limits.partsAtOnce; sent++) {
      if (this.#sink.draining) return false;
      const part = this.#part();
      if (part) {
        this.#write(part, undefined);
        continue;
      }
      // Everything until this very moment, also what no round has brought yet: only then is the client exact.
      this.#collect(composeVisible(this.group.unserved(revisionOf(this.position)), this.group.view));
      this.position = this.#replica.head;
      if (this.changedNames.size > 0) continue;
      this.#state = 'exact';
      this.#snapshot = undefined;
      this.#write(this.#synced(), revisionOf(this.position));
      return false;
    }
    return true;
  }

  #part(): Frame | undefined {
    const shared = this.#snapshot?.part(this.#nextPart);
    if (shared) {
      this.#nextPart += 1;
      return shared;
    }
    if (this.changedNames.size > 0 && !this.names) {
      this.names = this.changedNames.values();
      this.changedNames = new Set();
    }
    const text = new PatchEncoder();
    while (this.names && text.bytes < this.group.limits.part / 2) {
      const next = this.names.next();
      if (next.done) {
        this.names = this.changedNames.size > 0 ? this.changedNames.values() : undefined;
        this.changedNames = new Set();
      } else {
        text.add(next.value, this.#present(next.value), Infinity);
      }
    }
    return text.size === 0
      ? undefined
      : encodeFrame(text.finish('patch', undefined, '', timeMember(this.#clock.now())));
  }

  /** What the view shows under a name now. */
  #present(name: string) {
    const { manifest } = this.#replica;
    if (!isTileKey(name)) return manifest.compositor(name) ?? null;
    const tile = manifest.tile(name);
    return tile && viewHasTile(this.group.view, name, tile) ? tile : null;
  }

  #collect(patch: Patch): void {
    for (const id of patch.compositors.keys()) this.changedNames.add(id);
    for (const key of patch.tiles.keys()) this.changedNames.add(key);
  }

  #synced(): Frame {
    return this.group.synced(this.#replica, this.#clock.now());
  }

  #write(text: Frame, revision: number | undefined): void {
    if (revision !== undefined) this.sentRevision = revision;
    this.lastFrameAt = this.#clock.monotonic();
    this.#counts.frames += 1;
    this.#counts.bytes += text.bare.length;
    this.#sink.write(text);
  }
}
