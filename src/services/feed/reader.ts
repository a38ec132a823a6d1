import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { CatchUp, composeVisible } from '../../domain/history.ts';
import { isEmptyPatch, patchSize, type Patch } from '../../domain/patch.ts';
import { viewHasTile } from '../../domain/view.ts';
import { ChangedNames } from './changed-names.ts';
import { encodeFrame, isTileKey, PatchEncoder, timeMember, type Frame } from './event.ts';
import type { ReaderContext } from './reader-context.ts';
import type { Round } from './round.ts';
import type { Sink } from './sink.ts';
import type { Snapshot, SnapshotReason } from './snapshot.ts';
import type { ViewGroup } from './view-group.ts';

/**
 * What a reader needs next:
 * - `joining`: its starting position, which is not known yet.
 * - `exact`: nothing. It was sent all that its view shows up to now; a round sends it the shared frame.
 * - `behind`: what its view shows after its position; its socket was draining when a round came by.
 * - `waiting`: a snapshot, once its socket drains.
 * - `sending`: the rest of a snapshot's parts, then the entries that changed meanwhile, as its socket takes them.
 */
type State = 'joining' | 'exact' | 'behind' | 'waiting' | 'sending';

/** With so many unsent bytes in all, readers with a view of their own get no more long frames. */
const UNSENT_LIMIT = 64 * 1024 * 1024;

/**
 * One open stream. What it still has to send is a position in the history, or a set of names whose present values it
 * sends: never a queue of events. So a reader that never reads costs at most the names its view shows (docs/decisions/0005).
 */
export class Reader {
  readonly group: ViewGroup;
  readonly sink: Sink;
  /** When this connection is to end, on the monotonic clock. */
  readonly endsAt: number;
  /** When the last frame was written, on the monotonic clock. */
  lastFrameAt: number;
  /** The revision of the last id it was sent. */
  sentRevision = 0;
  readonly #context: ReaderContext;
  #state: State = 'joining';
  /** Everything the view shows up to here was sent, or is among the names still to send. */
  #position: Cursor;
  #snapshotReason: SnapshotReason = 'initial';
  /** The history was replaced since this stream was opened: a position found before is one in another history. */
  #historyReplaced = false;
  #snapshot: Snapshot | undefined;
  #nextPart = 1;
  #composing: CatchUp | undefined;
  /** Bytes of its frames that its socket has not taken, about. */
  #unsent = 0;
  /** Entries that changed while the snapshot was sent; their present values are sent after it. */
  readonly #changedNames = new ChangedNames();

  constructor(group: ViewGroup, sink: Sink, endsAt: number, context: ReaderContext) {
    this.group = group;
    this.endsAt = endsAt;
    this.sink = sink;
    this.#context = context;
    this.#position = context.replica.copy.head;
    this.lastFrameAt = context.clock.monotonic();
  }

  /** Nothing that it can see is unsent. */
  get exact(): boolean {
    return this.#state === 'exact';
  }

  /** Starts after a cursor, or with a snapshot. */
  start(position: Cursor | SnapshotReason): void {
    if (position === 'initial' || position === 'gap' || position === 'reset') {
      this.#needSnapshot(position === 'gap' && this.#historyReplaced ? 'reset' : position);
    } else if (this.#context.replica.copy.history.has(position)) {
      this.#position = position;
      this.sentRevision = revisionOf(position);
      this.#state = 'behind';
    } else {
      this.#needSnapshot(this.#historyReplaced ? 'reset' : 'gap');
    }
  }

  /** Starts over with a snapshot as soon as the socket takes it. */
  #needSnapshot(reason: SnapshotReason): void {
    this.#state = 'waiting';
    this.#snapshotReason = reason;
    this.#position = this.#context.replica.copy.head;
    this.#dropSnapshot();
    this.#composing = undefined;
    this.#changedNames.clear();
  }

  #dropSnapshot(): void {
    this.#snapshot?.leave(this.#nextPart);
    this.#snapshot = undefined;
  }

  /** Its connection is gone, or will be: it takes nothing more. */
  release(): void {
    this.#dropSnapshot();
    this.#context.unsent -= this.#unsent;
    this.#unsent = 0;
  }

  /** The history was replaced: what the client has may be of another one. */
  reset(): void {
    this.#historyReplaced = true;
    if (this.#state === 'joining') return;
    // A client that still waits for its first snapshot has nothing to forget.
    this.#needSnapshot(this.#state === 'waiting' && this.#snapshotReason === 'initial' ? 'initial' : 'reset');
  }

  /** Takes its part in a round. Returns true when it has more to send than the round's frame, and its socket takes it. */
  serve(round: Round): boolean {
    const from = round.indexAfter(revisionOf(this.#position));
    if (from === round.commits.length) return false;
    if (this.#state === 'exact') return this.#serveExact(round, from);
    if (this.#state !== 'sending') return false;
    const { replica, limits } = this.#context;
    const entries = replica.copy.manifest.tileCount + replica.copy.manifest.compositorCount;
    const most = limits.pendingNames + entries;
    const patch = round.patch(from);
    if (patchSize(patch) <= most) this.#changedNames.add(patch);
    this.#position = round.last.cursor;
    // Tiles may come and go for ever while a client does not read: a new snapshot is bounded, a set of names is not.
    if (Math.max(patchSize(patch), this.#changedNames.size) > most) this.#needSnapshot('gap');
    return false;
  }

  #serveExact(round: Round, from: number): boolean {
    const { limits, unsent, isAlone } = this.#context;
    const { draining } = this.sink;
    const frame = draining ? undefined : round.frame(from);
    const single = round.commits.length - from === 1;
    // Several commits that are large together are better sent as a snapshot: the catch-up decides.
    if (draining || (frame && !single && frame.bare.length > this.#context.buffer)) {
      if (draining) this.#context.counts.conflated += 1;
      this.#state = 'behind';
      // The commits before this one did not touch the view: the position just before it is exact, too.
      this.#position = round.commits[from]!.prev;
      return !draining;
    }
    // Many readers that read nothing, each with a frame of its own: parts of a snapshot are smaller, and wait for the socket.
    if (frame && frame.bare.length > limits.part && unsent > UNSENT_LIMIT && isAlone(this.group)) {
      this.#needSnapshot('gap');
      return true;
    }
    this.#position = round.last.cursor;
    if (frame) this.#write(frame, round.revision);
    return false;
  }

  /** Sends what it can as far as the socket takes it. Returns true when the socket would take more: other readers come first. */
  advance(): boolean {
    if (this.sink.draining) return false;
    this.#context.unsent -= this.#unsent;
    this.#unsent = 0;
    if (this.#state === 'behind' && !this.#catchUp()) return true;
    if (this.#state === 'waiting') this.#beginSnapshot();
    return this.#state === 'sending' && this.#sendParts();
  }

  /** Tells a client that is exact that it is so at the head: a heartbeat and a bookmark. */
  sendSynced(): void {
    const { replica, clock } = this.#context;
    this.#position = replica.copy.head;
    this.#write(this.group.synced(replica, clock.now()), revisionOf(this.#position));
  }

  /** Writes the last frame and ends the stream. */
  end(last: Frame, reason: string): void {
    this.sink.write(last);
    this.sink.end(reason);
  }

  /** One step of a catch-up. Returns false when there is more to compose: other readers come first. */
  #catchUp(): boolean {
    const { history, head, headAt } = this.#context.replica.copy;
    if (!history.has(this.#position)) {
      this.#needSnapshot('gap');
      return true;
    }
    this.#composing ??= new CatchUp(history, this.#position, this.group.view);
    if (!this.#composing.step()) return false;
    const { patch } = this.#composing;
    this.#composing = undefined;
    if (!isEmptyPatch(patch)) {
      const encoder = this.#encodeCatchUp(patch);
      if (!encoder) {
        this.#needSnapshot('gap');
        return true;
      }
      this.#write(
        encodeFrame(encoder.finish('patch', this.group.id(head), '', timeMember(headAt))),
        revisionOf(head),
      );
    }
    this.#state = 'exact';
    this.sendSynced();
    return true;
  }

  /**
   * The patch as one event; undefined when a snapshot is better. Never in parts: a client cut off between two would
   * come back with the cursor from before them, and a replica that is still there would call it exact.
   */
  #encodeCatchUp(patch: Patch): PatchEncoder | undefined {
    const { limits, buffer } = this.#context;
    const encoder = new PatchEncoder();
    for (const entries of [patch.compositors, patch.tiles])
      for (const [name, value] of entries) if (!encoder.add(name, value, buffer)) return undefined;
    const size = patchSize(patch);
    return encoder.bytes > limits.part && this.#shownUpTo(size) < size ? undefined : encoder;
  }

  /** How many entries the view shows; counts no further than `limit`. */
  #shownUpTo(limit: number): number {
    const { manifest } = this.#context.replica.copy;
    const { view } = this.group;
    let shown = 0;
    for (const entries of [manifest.visibleCompositors(view), manifest.visibleTiles(view)])
      while (shown < limit && !entries.next().done) shown += 1;
    return shown;
  }

  #beginSnapshot(): void {
    const { replica, clock, limits, counts, isAlone } = this.#context;
    const snapshot = this.group.snapshot(replica.copy, clock.now(), limits, isAlone(this.group));
    this.#dropSnapshot();
    this.#snapshot = snapshot;
    this.#nextPart = 1;
    snapshot.join();
    // The group has just looked that they are known.
    const changes = snapshot.changes(replica.copy.history, limits.pendingNames);
    if (changes) this.#changedNames.add(changes);
    this.#position = replica.copy.head;
    this.#state = 'sending';
    counts.snapshots[this.#snapshotReason] += 1;
    this.#write(snapshot.first(this.#snapshotReason, replica.copy.head));
  }

  #sendParts(): boolean {
    const { replica, limits } = this.#context;
    for (let sent = 0; sent < limits.partsAtOnce; sent++) {
      if (this.sink.draining) return false;
      const part = this.#takePart();
      if (part) {
        this.#write(part);
        continue;
      }
      // Everything until this very moment, also commits that no round has brought yet: only then is the client exact.
      const undelivered = this.group.undelivered(revisionOf(this.#position));
      if (undelivered.some(({ withdraws }) => withdraws !== undefined)) {
        this.#needSnapshot('gap');
        return true;
      }
      this.#changedNames.add(composeVisible(undelivered, this.group.view));
      this.#position = replica.copy.head;
      if (this.#changedNames.size > 0) continue;
      this.#state = 'exact';
      this.#dropSnapshot();
      this.sendSynced();
      return false;
    }
    return true;
  }

  /** The snapshot's next part, or after its last the present values of entries that changed; undefined when all is sent. */
  #takePart(): Frame | undefined {
    const shared = this.#snapshot?.take(this.#nextPart);
    if (shared) {
      this.#nextPart += 1;
      return shared;
    }
    const { clock, limits } = this.#context;
    const encoder = this.#changedNames.encode(limits.part / 4, (name) => this.#presentValue(name));
    if (encoder.size === 0) return undefined;
    return encodeFrame(encoder.finish('patch', undefined, '', timeMember(clock.now())));
  }

  /** What the view shows under a name now. */
  #presentValue(name: string) {
    const { manifest } = this.#context.replica.copy;
    if (!isTileKey(name)) return manifest.compositor(name) ?? null;
    const tile = manifest.tile(name);
    return tile && viewHasTile(this.group.view, name, tile) ? tile : null;
  }

  /** Writes a frame. `revision`: that of its id; absent for a snapshot and its parts. */
  #write(frame: Frame, revision?: number): void {
    const { clock, counts } = this.#context;
    if (revision !== undefined) this.sentRevision = revision;
    this.lastFrameAt = clock.monotonic();
    counts.frames += 1;
    counts.bytes += frame.bare.length;
    this.sink.write(frame);
    if (!this.sink.draining) return;
    this.#unsent += frame.bare.length;
    this.#context.unsent += frame.bare.length;
  }
}
