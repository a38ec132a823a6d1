import type { Commit } from '../../domain/commit.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { formatEventId } from '../../domain/event-id.ts';
import { areaChanges, type VisiblePatch } from '../../domain/overview.ts';
import { composeVisible } from '../../domain/history.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { patchSize, type Patch } from '../../domain/patch.ts';
import { viewHasRegion } from '../../domain/region.ts';
import { ViewDigest } from '../../domain/view-digest.ts';
import type { Viewer } from '../../domain/view-index.ts';
import { isWhole, viewHash, viewHasTile, type View } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import { viewToJson } from '../manifest/manifest-head.ts';
import type { Overview } from '../manifest/overview.ts';
import type { Replica } from '../manifest/replica.ts';
import { encodeEvent, encodeFrame, kindOf, type Entry, type Frame } from './event.ts';
import type { FeedLimits } from './limits.ts';
import { Round } from './round.ts';
import { Snapshot } from './snapshot.ts';

/** Readers that come within this many milliseconds of each other share a snapshot. */
const SNAPSHOT_SHARED = 2000;

/** An overview finds the areas of so many changes in one turn; after more its readers get a snapshot. */
const MOST_CHANGES = 20_000;

type UsedOverview = Pick<Overview, 'areas' | 'ready' | 'use'>;

/** What all readers of one view have in common: the commits on their way to them, and what is encoded once for all. */
export class ViewGroup implements Viewer {
  readonly view: View;
  readonly viewHash: string;
  /** The round that is under way. */
  round: Round | undefined;
  /** Commits that touch the view and are in no round yet. */
  #pending: Commit[] = [];
  #snapshot: Snapshot | undefined;
  #synced: { key: string; frame: Frame } | undefined;
  readonly #overview: UsedOverview;
  readonly #digest: ViewDigest;
  readonly #unuseAreas: () => void;

  /** `areasLost`: called when what an overview shows is not known any more. */
  constructor(view: View, overview: UsedOverview, areasLost: (group: ViewGroup) => void) {
    this.view = view;
    this.#overview = overview;
    this.viewHash = viewHash(view);
    this.#digest = new ViewDigest(view);
    this.#unuseAreas = view.zoom === undefined ? () => undefined : overview.use(() => areasLost(this));
  }

  /** Nobody reads it any more. */
  close(): void {
    this.#unuseAreas();
  }

  /** What it shows is known: the areas of an overview may have to be read first. */
  get isReady(): boolean {
    return this.view.zoom === undefined || this.#overview.areas !== undefined;
  }

  /** Calls `run` when it is ready. When its areas cannot be read, they are lost. */
  whenReady(run: () => void): void {
    this.#overview.ready().then(run, () => undefined);
  }

  /** What a patch, made for the view, changes in it: of an overview its areas, with the values of now. The group is ready. */
  visiblePart(patch: Patch): VisiblePatch {
    return this.view.zoom === undefined ? patch : areaChanges(patch, this.view, this.#overview.areas!);
  }

  /** It is an overview, and to find the areas that `patch` changes takes longer than a snapshot. */
  changesTooMuch(patch: Patch): boolean {
    return this.view.zoom !== undefined && patchSize(patch) > MOST_CHANGES;
  }

  /** What it shows under a name now; null for nothing. */
  valueOf(name: string, manifest: LiveManifest): Entry[1] {
    const kind = kindOf(name);
    if (kind === 'compositor') return manifest.compositor(name) ?? null;
    if (kind === 'region') {
      const region = manifest.region(name);
      return region && viewHasRegion(this.view, region) ? region : null;
    }
    if (this.view.zoom !== undefined) return this.#overview.areas!.area(name, this.view) ?? null;
    const tile = manifest.tile(name);
    return tile && viewHasTile(this.view, name, tile) ? tile : null;
  }

  /** How many entries it shows; counts no further than `limit`. */
  countUpTo(limit: number, manifest: LiveManifest): number {
    const { view } = this;
    const areas = view.zoom === undefined ? undefined : this.#overview.areas!.areasIn(view);
    let count = 0;
    const cells = areas ?? manifest.visibleTiles(view);
    for (const entries of [manifest.visibleCompositors(view), manifest.visibleRegions(view), cells])
      while (count < limit && !entries.next().done) count += 1;
    return count;
  }

  /** Adds a commit that may be visible: it waits for the next round. */
  add(commit: Commit): void {
    this.#digest.take(commit);
    this.#pending.push(commit);
  }

  /**
   * Starts a round with the commits that wait; undefined when there are none. One that withdraws has a round of its own: it is
   * encoded in steps, for readers who are just before it.
   */
  beginRound(): Round | undefined {
    const commits = this.view.zoom === undefined ? this.#nextCommits() : this.#pending.splice(0);
    // Nobody is exact before the areas are known.
    this.round = commits.length > 0 && this.isReady ? this.#roundOf(commits) : undefined;
    return this.round;
  }

  #nextCommits(): Commit[] {
    const large = this.#pending.findIndex(({ withdraws }) => withdraws !== undefined);
    return this.#pending.splice(0, large < 0 ? this.#pending.length : Math.max(large, 1));
  }

  #roundOf(commits: readonly Commit[]): Round {
    const { view, viewHash } = this;
    if (view.zoom === undefined) return new Round(view, viewHash, commits);
    const named = commits.reduce((sum, { patch }) => sum + patchSize(patch), 0);
    // In this very turn: the areas of now are those after the last of these commits.
    const visible = named > MOST_CHANGES ? 'too much' : this.visiblePart(composeVisible(commits, view));
    return new Round(view, viewHash, commits, visible);
  }

  /** Whether every commit was offered to every reader. */
  get idle(): boolean {
    return !this.round && this.#pending.length === 0;
  }

  /** Commits after `revision` that have not been offered to every reader. */
  undelivered(revision: number): Commit[] {
    return [...(this.round?.commits ?? []), ...this.#pending].filter(
      (commit) => revisionOf(commit.cursor) > revision,
    );
  }

  /** The event id of a reader of this view that is exact at `cursor`. */
  id(cursor: Cursor): string {
    return formatEventId({ cursor, partial: false, view: this.viewHash });
  }

  /** Says to a reader that its stream shows this view from here on. It is half a map: whoever is cut off here gets a snapshot. */
  viewEvent(head: Cursor): Frame {
    const id = formatEventId({ cursor: head, partial: true, view: this.viewHash });
    return encodeFrame(encodeEvent('view', id, JSON.stringify({ view: viewToJson(this.view) })));
  }

  /**
   * A snapshot as of now: a shared one while it is young, and what changed since it began is known and little. `alone`: the
   * view has one reader.
   */
  snapshot(copy: ManifestCopy, now: number, limits: FeedLimits, alone: boolean): Snapshot {
    const { history, head } = copy;
    const { view, viewHash } = this;
    const shared = this.#snapshot;
    const usable =
      shared?.isWhole &&
      now - shared.startedAt < SNAPSHOT_SHARED &&
      shared.changes(history, limits.pendingNames) !== undefined;
    if (usable) return shared;
    shared?.close();
    const { areas } = this.#overview;
    const options = { copy, view, viewHash, areas, since: head, now, limits };
    // More readers of the whole map may come at any time.
    return (this.#snapshot = new Snapshot({ ...options, shared: !alone || isWhole(view) }));
  }

  /** Lets go of the shared snapshot when no new reader may have it any more; its present readers hold it themselves. */
  expireSnapshot(now: number): void {
    if (!this.#snapshot || now - this.#snapshot.startedAt < SNAPSHOT_SHARED) return;
    this.#snapshot.close();
    this.#snapshot = undefined;
  }

  /** Drops everything of a history that was replaced: nothing of it may be sent any more. */
  forget(): void {
    this.#digest.forget();
    this.#pending = [];
    this.round = undefined;
    this.#snapshot = undefined;
    this.#synced = undefined;
  }

  /** The event that says a reader of this view is exact at the head; the same frame for all readers within a second. */
  synced(replica: Replica, now: number): Frame {
    const key = `${replica.copy.head} ${replica.degraded} ${Math.floor(now / 1000)}`;
    if (this.#synced?.key !== key) {
      const digest = this.#digest.of(replica.copy.manifest);
      const data = JSON.stringify({
        revision: revisionOf(replica.copy.head),
        time: new Date(now).toISOString(),
        degraded: replica.degraded,
        digest: digest ? formatDigest(digest) : null,
      });
      this.#synced = { key, frame: encodeFrame(encodeEvent('synced', this.id(replica.copy.head), data)) };
    }
    return this.#synced.frame;
  }
}
