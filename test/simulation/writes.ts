import type { Commit } from '../../src/domain/commit.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import { DomainError, type ErrorKind } from '../../src/domain/errors.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import type { ManifestReader } from '../../src/domain/manifest-reader.ts';
import { copyManifest } from '../../src/domain/patch.ts';
import type { Daemon } from './daemon.ts';
import type { World } from './world.ts';

/** One write as its client sees it, and how to tell whether its answer is true. */
export interface Write {
  readonly what: string;
  readonly send: (daemon: Daemon) => Promise<{ cursor: Cursor; changed: number }>;
  /** Whether it would change nothing on `manifest`; throws the error that is due there. */
  readonly isNoop: (manifest: ManifestReader) => boolean;
  /** Whether `commit` may be it; and, when `unique`, is it. */
  readonly isIn: (commit: Commit) => boolean;
  readonly unique: boolean;
}

interface Pending {
  readonly write: Write;
  readonly daemon: Daemon;
  readonly since: number;
  readonly at: number;
}

/** Sends writes and checks each answer against the expected states. */
export class Writes {
  readonly #world: World;
  readonly #pending = new Set<Pending>();
  /** Answered: the ids of their commits. */
  readonly #acked = new Map<string, string>();
  /** Answered "nothing was done". */
  readonly #undone: Write[] = [];
  /** Ids of commits that the store itself lost. */
  readonly #lost = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  get waiting(): number {
    let waiting = 0;
    for (const { daemon } of this.#pending) if (!daemon.process.dead) waiting += 1;
    return waiting;
  }

  async send(write: Write, daemon: Daemon): Promise<void> {
    const { agenda, report } = this.#world;
    report.trace(() => `${daemon.name} is asked to ${write.what}`);
    const pending = { write, daemon, since: agenda.steps, at: agenda.now };
    this.#pending.add(pending);
    try {
      const { cursor, changed } = await write.send(daemon);
      if (daemon.process.dead) return;
      report.trace(
        () => `${daemon.name} did ${write.what}: ${this.#world.expected.name(cursor)}, ${changed} changed`,
      );
      if (changed > 0) this.#done(pending, cursor);
      else this.#noop(pending, cursor);
    } catch (error) {
      if (daemon.process.dead) return;
      this.#failed(pending, error);
    } finally {
      this.#pending.delete(pending);
    }
  }

  /** The store went from `from` to `to` by a fault. */
  lose(from: Cursor, to: Cursor): void {
    const { expected } = this.#world;
    const kept = expected.chain(to);
    for (const cursor of expected.chain(from))
      if (!kept.has(cursor)) this.loseCommit(expected.commit(cursor));
  }

  loseCommit(commit: Commit | undefined): void {
    if (commit) this.#lost.add(commit.id);
  }

  /** At the end, with the history that is left. */
  settle(head: Cursor): void {
    const { expected, report, agenda } = this.#world;
    const seen = new Map<string, Cursor>();
    const bricks = new Set<string>();
    for (const cursor of expected.chain(head)) {
      const commit = expected.commit(cursor);
      if (!commit) continue;
      const before = seen.get(commit.id);
      if (before) report.violation('APPLIED-TWICE', `${expected.name(before)} and ${expected.name(cursor)}`);
      seen.set(commit.id, cursor);
      for (const tile of commit.patch.tiles.values()) {
        if (!tile?.brick.startsWith('only')) continue;
        if (bricks.has(tile.brick))
          report.violation('APPLIED-TWICE', `${tile.brick} at ${expected.name(cursor)}`);
        bricks.add(tile.brick);
      }
    }
    for (const [id, what] of this.#acked)
      if (!seen.has(id) && !this.#lost.has(id)) report.violation('ACK-LOST', what);
    for (const write of this.#undone)
      for (const commit of expected.commits())
        if (write.unique && write.isIn(commit)) report.violation('DONE-AFTER-ALL', write.what);
    for (const { write, daemon, at } of this.#pending)
      if (!daemon.process.dead && agenda.now - at > 2500) report.violation('WRITE-STUCK', write.what);
  }

  #done({ write }: Pending, cursor: Cursor): void {
    const { expected, report } = this.#world;
    const commit = expected.commit(cursor);
    if (!commit || !write.isIn(commit))
      return report.violation('ACK-WRONG', `${write.what}: ${expected.name(cursor)}`);
    if (this.#acked.has(commit.id)) report.violation('ACKED-TWICE', write.what);
    this.#acked.set(commit.id, `${write.what} at ${expected.name(cursor)}`);
  }

  #noop({ write, since }: Pending, cursor: Cursor): void {
    const { expected, report, heads } = this.#world;
    const present = heads.since(since);
    // In a batch the ones after it may have changed the same again: the cursor is theirs.
    if (!present.has(cursor) || ![...present].some((head) => this.#outcomeOn(write, head).noop))
      report.violation('NOOP-UNTRUE', `${write.what} at ${expected.name(cursor)}`);
  }

  #failed({ write, since, daemon }: Pending, error: unknown): void {
    const { report, heads } = this.#world;
    if (!(error instanceof DomainError))
      return report.violation(
        'THROWN',
        `${write.what}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
      );
    report.trace(() => `${daemon.name} answers ${write.what}: ${error.kind}`);
    if (error.kind === 'outcome-unknown') return;
    if (error.kind === 'store-unavailable') {
      this.#undone.push(write);
      return;
    }
    for (const cursor of heads.since(since)) if (this.#outcomeOn(write, cursor).error === error.kind) return;
    report.violation('ERROR-UNTRUE', `${write.what}: ${error.kind}`);
  }

  #outcomeOn(write: Write, cursor: Cursor): { noop: boolean; error: ErrorKind | undefined } {
    const state = this.#world.expected.state(cursor);
    if (!state) return { noop: false, error: undefined };
    try {
      return { noop: write.isNoop(new LiveManifest(copyManifest(state))), error: undefined };
    } catch (error) {
      if (error instanceof DomainError) return { noop: false, error: error.kind };
      throw error;
    }
  }
}
