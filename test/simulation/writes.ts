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
  /** Whether it would change nothing on `manifest`; throws the refusal that is due there. */
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

/** Sends writes and holds each answer against the truth. */
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
    const { agenda, judge } = this.#world;
    judge.tell(() => `${daemon.name} is asked to ${write.what}`);
    const pending = { write, daemon, since: agenda.steps, at: agenda.now };
    this.#pending.add(pending);
    try {
      const { cursor, changed } = await write.send(daemon);
      if (daemon.process.dead) return;
      judge.tell(
        () => `${daemon.name} did ${write.what}: ${this.#world.oracle.name(cursor)}, ${changed} changed`,
      );
      if (changed > 0) this.#done(pending, cursor);
      else this.#nothing(pending, cursor);
    } catch (error) {
      if (daemon.process.dead) return;
      this.#refused(pending, error);
    } finally {
      this.#pending.delete(pending);
    }
  }

  /** The store went from `from` to `to` by a fault. */
  lose(from: Cursor, to: Cursor): void {
    const { oracle } = this.#world;
    const kept = oracle.chain(to);
    for (const cursor of oracle.chain(from)) if (!kept.has(cursor)) this.loseCommit(oracle.commit(cursor));
  }

  loseCommit(commit: Commit | undefined): void {
    if (commit) this.#lost.add(commit.id);
  }

  /** At the end, with the history that is left. */
  settle(head: Cursor): void {
    const { oracle, judge, agenda } = this.#world;
    const seen = new Map<string, Cursor>();
    const bricks = new Set<string>();
    for (const cursor of oracle.chain(head)) {
      const commit = oracle.commit(cursor);
      if (!commit) continue;
      const before = seen.get(commit.id);
      if (before) judge.bad('APPLIED-TWICE', `${oracle.name(before)} and ${oracle.name(cursor)}`);
      seen.set(commit.id, cursor);
      for (const tile of commit.patch.tiles.values()) {
        if (!tile?.brick.startsWith('only')) continue;
        if (bricks.has(tile.brick)) judge.bad('APPLIED-TWICE', `${tile.brick} at ${oracle.name(cursor)}`);
        bricks.add(tile.brick);
      }
    }
    for (const [id, what] of this.#acked)
      if (!seen.has(id) && !this.#lost.has(id)) judge.bad('ACK-LOST', what);
    for (const write of this.#undone)
      for (const commit of oracle.commits())
        if (write.unique && write.isIn(commit)) judge.bad('DONE-AFTER-ALL', write.what);
    for (const { write, daemon, at } of this.#pending)
      if (!daemon.process.dead && agenda.now - at > 2500) judge.bad('WRITE-STUCK', write.what);
  }

  #done({ write }: Pending, cursor: Cursor): void {
    const { oracle, judge } = this.#world;
    const commit = oracle.commit(cursor);
    if (!commit || !write.isIn(commit))
      return judge.bad('ACK-WRONG', `${write.what}: ${oracle.name(cursor)}`);
    if (this.#acked.has(commit.id)) judge.bad('ACKED-TWICE', write.what);
    this.#acked.set(commit.id, `${write.what} at ${oracle.name(cursor)}`);
  }

  #nothing({ write, since }: Pending, cursor: Cursor): void {
    const { oracle, judge, heads } = this.#world;
    const present = heads.since(since);
    // In a batch the ones after it may have changed the same again: the cursor is theirs.
    if (!present.has(cursor) || ![...present].some((head) => this.#verdict(write, head).noop))
      judge.bad('NOOP-UNTRUE', `${write.what} at ${oracle.name(cursor)}`);
  }

  #refused({ write, since, daemon }: Pending, error: unknown): void {
    const { judge, heads } = this.#world;
    if (!(error instanceof DomainError))
      return judge.bad(
        'THROWN',
        `${write.what}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
      );
    judge.tell(() => `${daemon.name} answers ${write.what}: ${error.kind}`);
    if (error.kind === 'outcome-unknown') return;
    if (error.kind === 'store-unavailable') {
      this.#undone.push(write);
      return;
    }
    for (const cursor of heads.since(since)) if (this.#verdict(write, cursor).refusal === error.kind) return;
    judge.bad('REFUSAL-UNTRUE', `${write.what}: ${error.kind}`);
  }

  #verdict(write: Write, cursor: Cursor): { noop: boolean; refusal: ErrorKind | undefined } {
    const state = this.#world.oracle.state(cursor);
    if (!state) return { noop: false, refusal: undefined };
    try {
      return { noop: write.isNoop(new LiveManifest(copyManifest(state))), refusal: undefined };
    } catch (error) {
      if (error instanceof DomainError) return { noop: false, refusal: error.kind };
      throw error;
    }
  }
}
