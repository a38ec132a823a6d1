import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { CatchUp, composeVisible } from '../../domain/history.ts';
import { patchSize } from '../../domain/patch.ts';
import { changedView, type ViewChange } from '../../domain/view-change.ts';
import type { View } from '../../domain/view.ts';
import { encodeCatchUp } from './catch-up-event.ts';
import { ChangedNames } from './changed-names.ts';
import { encodeFrame, timeMember, type Frame } from './event.ts';
import { FrameWriter } from './frame-writer.ts';
import { NewlyVisible } from './newly-visible.ts';
import { PartsTaken } from './parts-taken.ts';
import type { ReaderContext, ReaderOptions } from './reader-context.ts';
import type { Round } from './round.ts';
import type { SnapshotReason } from './snapshot.ts';
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
  readonly stream: string;
  readonly owner: string;
  readonly output: FrameWriter;
  readonly endsAt: number;
  readonly #context: ReaderContext<Reader>;
  #group: ViewGroup;
  /** The view that it is to show instead of its group's, once its socket takes that. */
  #nextView: View | undefined;
  #state: State = 'joining';
  /** Everything the view shows up to here was sent, or is among the names still to send. */
  #position: Cursor;
  #snapshotReason: SnapshotReason = 'initial';
  /** The history was replaced since this stream was opened: a position found before is one in another history. */
  #historyReplaced = false;
  readonly #parts = new PartsTaken();
  #composing: CatchUp | undefined;
  /** Entries that changed while the snapshot was sent; their present values are sent after it. */
  readonly #changedNames = new ChangedNames();

  constructor({ stream, owner, endsAt, sink, group }: ReaderOptions, context: ReaderContext<Reader>) {
    this.stream = stream;
    this.owner = owner;
    this.#group = group;
    this.endsAt = endsAt;
    this.output = new FrameWriter(sink, context);
    this.#context = context;
    this.#position = context.replica.copy.head;
  }

  /** The readers of the view that it shows. */
  get group(): ViewGroup {
    return this.#group;
  }

  /** Nothing that it can see is unsent. */
  get exact(): boolean {
    return this.#state === 'exact' && this.#nextView === undefined;
  }

  /** Changes the view soon. Several changes before that are one. Returns the view that it will show. */
  reAim(change: ViewChange): View {
    return (this.#nextView = changedView(this.#nextView ?? this.group.view, change));
  }

  /** Starts after a cursor, or with a snapshot. */
  start(position: Cursor | SnapshotReason): void {
    if (position === 'initial' || position === 'gap' || position === 'reset') {
      this.#needSnapshot(position === 'gap' && this.#historyReplaced ? 'reset' : position);
    } else if (this.#context.replica.copy.history.has(position)) {
      this.#position = position;
      this.output.sentRevision = revisionOf(position);
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
    this.#parts.begin();
    this.#composing = undefined;
    this.#changedNames.clear();
  }

  /** Its connection is gone, or will be: it takes nothing more. */
  release(): void {
    this.#parts.begin();
    this.output.settle();
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
    const from = round.indexAfter(this.#position);
    if (from === round.commits.length) return false;
    if (round.isTooLarge && (this.#state === 'exact' || this.#state === 'sending')) {
      this.#needSnapshot('gap');
      return true;
    }
    if (this.#state === 'exact') return this.#serveExact(round, from);
    if (this.#state !== 'sending') return false;
    const { replica, limits } = this.#context;
    const { tileCount, compositorCount, regionCount } = replica.copy.manifest;
    const most = limits.pendingNames + tileCount + compositorCount + regionCount;
    const patch = round.patch(from);
    if (patchSize(patch) <= most) this.#changedNames.add(patch);
    this.#position = round.last.cursor;
    // Tiles may come and go for ever while a client does not read: a new snapshot is bounded, a set of names is not.
    if (Math.max(patchSize(patch), this.#changedNames.size) > most) this.#needSnapshot('gap');
    return false;
  }

  #serveExact(round: Round, from: number): boolean {
    const { limits, unsent, isAlone } = this.#context;
    const { draining } = this.output;
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
    if (!frame) return false;
    this.output.write(frame, round.revision);
    const { clock, counts } = this.#context;
    // Of another machine's clock, which may be ahead.
    counts.delays.observe(Math.max(0, clock.now() - round.commits[from]!.committedAt) / 1000);
    return false;
  }

  /** Sends what it can as far as the socket takes it. Returns true when the socket would take more: other readers come first. */
  advance(): boolean {
    if (this.output.draining || !this.group.isReady) return false;
    this.output.settle();
    return this.output.together(() => this.#advance());
  }

  #advance(): boolean {
    if (this.#state === 'behind' && !this.#catchUp()) return true;
    if (this.#mayChangeView) this.#changeView();
    if (this.#state === 'waiting') this.#beginSnapshot();
    return this.#state === 'sending' && this.#sendParts();
  }

  /** Tells a client that is exact that it is so at the head: a heartbeat and a bookmark. */
  sendSynced(): void {
    const { replica, clock } = this.#context;
    this.#position = replica.copy.head;
    this.output.write(this.group.synced(replica, clock.now()), revisionOf(this.#position));
  }

  /** One step of a catch-up. Returns false when there is more to compose: other readers come first. */
  #catchUp(): boolean {
    const { replica, limits, buffer } = this.#context;
    const { history, manifest, head, headAt } = replica.copy;
    if (!history.has(this.#position)) {
      this.#needSnapshot('gap');
      return true;
    }
    this.#composing ??= new CatchUp(history, this.#position, this.group.view);
    if (!this.#composing.step()) return false;
    const { patch } = this.#composing;
    this.#composing = undefined;
    const most = { longest: buffer, part: limits.part };
    const encoder = encodeCatchUp(patch, { manifest, group: this.group, ...most });
    if (!encoder) {
      this.#needSnapshot('gap');
      return true;
    }
    if (encoder.size > 0)
      this.output.write(
        encodeFrame(encoder.finish('patch', this.group.id(head), '', timeMember(headAt))),
        revisionOf(head),
      );
    this.#state = 'exact';
    this.sendSynced();
    return true;
  }

  #beginSnapshot(): void {
    if (!this.group.isReady) return;
    const { replica, clock, limits, counts, isAlone } = this.#context;
    const snapshot = this.group.snapshot(replica.copy, clock.now(), limits, isAlone(this.group));
    this.#parts.begin(snapshot);
    snapshot.join();
    // The group has just looked that they are known.
    const changes = snapshot.changes(replica.copy.history, limits.pendingNames);
    if (changes) this.#changedNames.add(this.group.visiblePart(changes));
    this.#position = replica.copy.head;
    this.#state = 'sending';
    counts.snapshots[this.#snapshotReason] += 1;
    this.output.write(snapshot.first(this.#snapshotReason, replica.copy.head));
  }

  /** A client that is in the middle of a long snapshot does not wait for all of it; to start over at each change would be a lot of work. */
  get #mayChangeView(): boolean {
    if (this.#nextView === undefined || this.output.draining) return false;
    if (this.#state === 'sending') return this.#parts.count >= this.#context.limits.partsBeforeReAim;
    return this.#state === 'exact' || this.#state === 'waiting';
  }

  /**
   * Says that from here on the stream shows another view. A client that is exact keeps what both show, and is sent what came into
   * view; any other is sent a snapshot.
   */
  #changeView(): void {
    const { replica, limits, clock, counts, moveTo } = this.#context;
    const { copy } = replica;
    const { head } = copy;
    const before = this.group;
    const view = this.#nextView!;
    const undelivered = before.undelivered(revisionOf(this.#position));
    this.#nextView = undefined;
    this.#group = moveTo(this, view);
    counts.reAims += 1;
    this.output.write(this.group.viewEvent(head));
    if (this.#state === 'waiting') return;
    if (this.#state === 'sending') return this.#needSnapshot('initial');
    // Areas are no entries that two views could share.
    const isOverview = view.zoom !== undefined || before.view.zoom !== undefined;
    if (isOverview || undelivered.some(({ withdraws }) => withdraws !== undefined))
      return this.#needSnapshot('gap');
    // What both views show may have changed since the client's last frame.
    this.#changedNames.addWithin(view, composeVisible(undelivered, before.view));
    this.#parts.begin(new NewlyVisible({ copy, view, before: before.view, now: clock.now(), limits }));
    this.#position = head;
    this.#state = 'sending';
  }

  #sendParts(): boolean {
    const { replica, limits } = this.#context;
    for (let sent = 0; sent < limits.partsAtOnce; sent++) {
      // What fits in one part is followed by the word that it is all, whether the socket has taken it or not.
      if (this.output.draining && (this.#parts.hasNext || this.#changedNames.size > 0)) return false;
      const part = this.#takePart();
      if (part) {
        this.output.write(part);
        continue;
      }
      // Everything until this very moment, also commits that no round has brought yet: only then is the client exact.
      const undelivered = this.group.undelivered(revisionOf(this.#position));
      if (undelivered.some(({ withdraws }) => withdraws !== undefined)) {
        this.#needSnapshot('gap');
        return true;
      }
      this.#changedNames.add(this.group.visiblePart(composeVisible(undelivered, this.group.view)));
      this.#position = replica.copy.head;
      if (this.#changedNames.size > 0) continue;
      this.#state = 'exact';
      this.#parts.begin();
      this.sendSynced();
      return !this.exact;
    }
    return true;
  }

  /** The snapshot's next part, or after its last the present values of entries that changed; undefined when all is sent. */
  #takePart(): Frame | undefined {
    const part = this.#parts.take();
    if (part) return part;
    const { clock, limits, replica } = this.#context;
    const encoder = this.#changedNames.encode(limits.part / 4, this.group, replica.copy.manifest);
    if (encoder.size === 0) return undefined;
    return encodeFrame(encoder.finish('patch', undefined, '', timeMember(clock.now())));
  }
}
