import type { Commit } from '../../domain/commit.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { composeVisible } from '../../domain/history.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { isEmptyPatch, type Patch } from '../../domain/patch.ts';
import { isWhole, viewHash, type View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { formatEventId } from '../../domain/event-id.ts';
import { encodeEvent, encodeFrame, PatchEncoder, type Frame } from './event.ts';
import type { FeedLimits } from './limits.ts';
import type { Reader } from './reader.ts';
import { Snapshot } from './snapshot.ts';
import type { Viewer } from '../../domain/view-index.ts';

/** A snapshot is shared by readers that come within this many milliseconds of each other. */
const SNAPSHOT_SHARED = 2000;

/** All readers of one view. What they are sent is encoded once, here. */
export class ViewGroup implements Viewer {
  readonly view: View;
  readonly viewHash: string;
  readonly limits: FeedLimits;
  readonly readers = new Set<Reader>();
  /** Commits that touch the view and that no round has taken up yet. */
  pending: Commit[] = [];
  /** Those of the round that is under way. */
  serving: Round | undefined;
  #snapshot: Snapshot | undefined;
  #synced: { key: string; frame: Frame } | undefined;

  readonly #tell: () => void;

  /** `tell` is called when there is something to send. */
  constructor(view: View, limits: FeedLimits, tell: () => void) {
    this.view = view;
    this.limits = limits;
    this.viewHash = viewHash(view);
    this.#tell = tell;
  }

  /** A commit that may be visible. */
  touched(commit: Commit): void {
    this.pending.push(commit);
    this.#tell();
  }

  /** Takes up what is pending as one round; undefined when there is nothing. */
  begin(): Round | undefined {
    this.serving = this.pending.length > 0 ? new Round(this, this.pending) : undefined;
    this.pending = [];
    return this.serving;
  }

  /** Touching commits after `revision` that this channel has not finished sending. */
  unserved(revision: number): Commit[] {
    return [...(this.serving?.commits ?? []), ...this.pending].filter(
      (commit) => revisionOf(commit.cursor) > revision,
    );
  }

  id(cursor: Cursor): string {
    return formatEventId({ cursor, partial: false, view: this.viewHash });
  }

  snapshot(live: LiveManifest, head: Cursor, now: number, usable: (since: Cursor) => boolean): Snapshot {
    const shared = this.#snapshot;
    if (shared && now - shared.startedAt < SNAPSHOT_SHARED && usable(shared.since)) return shared;
    return (this.#snapshot = new Snapshot({
      live,
      view: this.view,
      viewHash: this.viewHash,
      since: head,
      now,
      partLimit: this.limits.part,
    }));
  }

  /** Frees the shared snapshot when nobody new may have it any more; those inside it hold it themselves. */
  expireSnapshot(now: number): void {
    if (this.#snapshot && now - this.#snapshot.startedAt >= SNAPSHOT_SHARED) this.#snapshot = undefined;
  }

  /** The history is another one: nothing of before may be sent. */
  forget(): void {
    this.pending = [];
    this.serving = undefined;
    this.#snapshot = undefined;
    this.#synced = undefined;
  }

  /** `patch` as one event that leaves its reader exact at `cursor`. */
  patchFrame(patch: Patch, cursor: Cursor, committedAt: number): Frame {
    const text = new PatchEncoder();
    for (const [id, entry] of patch.compositors) text.add(id, entry, Infinity);
    for (const [key, tile] of patch.tiles) text.add(key, tile, Infinity);
    return encodeFrame(text.finish('patch', this.id(cursor), '', timeMember(committedAt)));
  }

  /** The sign that a reader of this view is exact at the head of `replica`; the same frame for all in one second. */
  synced(replica: Replica, now: number): Frame {
    const key = `${replica.head} ${replica.degraded} ${Math.floor(now / 1000)}`;
    if (this.#synced?.key !== key) {
      const data = JSON.stringify({
        revision: revisionOf(replica.head),
        time: new Date(now).toISOString(),
        degraded: replica.degraded,
        digest: isWhole(this.view) ? formatDigest(replica.manifest.digest) : null,
      });
      this.#synced = { key, frame: encodeFrame(encodeEvent('synced', this.id(replica.head), data)) };
    }
    return this.#synced.frame;
  }
}

/** The commits of one round of one channel, at least one: composed and encoded once for each place a reader may be in. */
export class Round {
  readonly commits: readonly Commit[];
  /** Revision of the last commit. */
  readonly revision: number;
  readonly #channel: ViewGroup;
  readonly #first: number;
  readonly #patches = new Map<number, Patch>();
  readonly #frames = new Map<number, Frame>();

  constructor(channel: ViewGroup, commits: readonly Commit[]) {
    this.#channel = channel;
    this.commits = commits;
    this.#first = revisionOf(commits[0]!.cursor);
    this.revision = revisionOf(this.last.cursor);
  }

  get last(): Commit {
    return this.commits[this.commits.length - 1]!;
  }

  /** The index of the first commit after `revision`; the number of commits when there is none. */
  after(revision: number): number {
    // Nearly every reader is before the first: no search.
    if (this.#first > revision) return 0;
    const index = this.commits.findIndex((commit) => revisionOf(commit.cursor) > revision);
    return index < 0 ? this.commits.length : index;
  }

  patch(from: number): Patch {
    let patch = this.#patches.get(from);
    if (!patch)
      this.#patches.set(from, (patch = composeVisible(this.commits.slice(from), this.#channel.view)));
    return patch;
  }

  /** The event from the commit at `from` to the last; undefined when the view shows nothing of them. */
  frame(from: number): Frame | undefined {
    let frame = this.#frames.get(from);
    if (!frame) {
      const patch = this.patch(from);
      if (isEmptyPatch(patch)) return undefined;
      frame = this.#channel.patchFrame(patch, this.last.cursor, this.last.committedAt);
      this.#frames.set(from, frame);
    }
    return frame;
  }
}

export function timeMember(ms: number): string {
  return `,"time":"${new Date(ms).toISOString()}"`;
}
