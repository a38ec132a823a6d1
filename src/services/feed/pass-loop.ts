import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import { NO_TRACER, type SpanRef, type Tracer } from '../../domain/tracer.ts';
import type { Reader } from './reader.ts';
import type { Sink } from './sink.ts';
import type { ViewGroup } from './view-group.ts';

/** Milliseconds of a pass after which the event loop runs other work. */
const SLICE = 5;
/** Commits that the span of rounds names at most. */
const MOST_CAUSES = 32;
/** Milliseconds of a rest at most. */
const LONGEST_REST = 50;

/** What a pass needs of a {@link Reader}, */
export type Served = Pick<Reader, 'advance' | 'serve'> & {
  readonly group: Group;
  readonly output: { readonly sink: Pick<Sink, 'gzip'> };
};
/** and of a {@link ViewGroup}. */
export type Group = Pick<ViewGroup, 'beginRound' | 'idle' | 'round'>;

interface PassLoopOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
  /** Readers visited before the event loop runs other work, however short that took. */
  readonly slice: number;
  /** The readers of a group now; none when the group has gone. */
  readonly readersOf: (group: Group) => ReadonlySet<Served>;
  /** Called at the end of each pass. */
  readonly passed: () => void;
  readonly tracer?: Tracer | undefined;
}

/**
 * Runs passes while there is something to send. A pass starts a round in each view that commits have touched, and then lets
 * each ready reader send more of what it lacks. Rounds come first, also those of commits that come during a pass: the
 * snapshots of a thousand readers hold up no change.
 */
export class PassLoop {
  readonly #options: PassLoopOptions;
  readonly #tracer: Tracer;
  /** The spans of the commits that touched them, some of them. */
  readonly #causes = new Set<SpanRef>();
  /** Groups that a commit has touched since their last round. */
  readonly #touched = new Set<Group>();
  /** Readers with something to send whose sockets take it. */
  readonly #ready = new Set<Served>();
  /** A pass is running or scheduled. */
  #busy = false;
  /**
   * A pass is followed by a rest as long as itself, and so are the rounds in it: under many changes, half of the time is left
   * for writers, and readers get several changes at once. Rounds that take long leave as much time to those who wait for a snapshot: changes
   * that every view shows, 20 a second, kept 5,000 new readers waiting for minutes.
   */
  #nextPassAt = -Infinity;
  #nextRoundsAt = -Infinity;
  /** Until when admissions count together: how many there were, and the milliseconds that they took. */
  #admissionEnds = -Infinity;
  #admitted = 0;
  #admissionTook = 0;
  #visited = 0;
  #sliceEnds = -Infinity;

  constructor(options: PassLoopOptions) {
    this.#options = options;
    this.#tracer = options.tracer ?? NO_TRACER;
  }

  /** A commit has touched the group. */
  touch(group: Group): void {
    this.#touched.add(group);
    const { current } = this.#tracer;
    if (current && this.#causes.size < MOST_CAUSES) this.#causes.add(current);
  }

  /** A reader has something to send, and its socket takes it. */
  wake(reader: Served): void {
    this.#ready.add(reader);
  }

  /** A new reader is sent what it needs at once, as far as this fills no more than half of the time, and nobody waits; else soon. */
  admit(reader: Served): void {
    const began = this.#options.clock.monotonic();
    if (began >= this.#admissionEnds) {
      this.#admissionEnds = began + 2 * SLICE;
      this.#admitted = 0;
      this.#admissionTook = 0;
    }
    const isBusy = this.#admissionTook >= SLICE || this.#admitted >= this.#options.slice;
    if (isBusy || this.#busy || this.hasWork || reader.advance()) {
      this.#ready.add(reader);
      this.runSoon();
    }
    this.#admitted += 1;
    this.#admissionTook += this.#options.clock.monotonic() - began;
  }

  /** The reader has gone. */
  forget(reader: Served): void {
    this.#ready.delete(reader);
  }

  /** Nobody reads the group any more. */
  forgetGroup(group: Group): void {
    this.#touched.delete(group);
  }

  /** The commits of before are of another history. */
  forgetCommits(): void {
    this.#touched.clear();
  }

  get hasWork(): boolean {
    return this.#touched.size > 0 || this.#ready.size > 0;
  }

  /** Runs a pass soon, and more while there is work. */
  runSoon(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { clock, log } = this.#options;
    const run = () => {
      const began = clock.monotonic();
      this.#pass()
        .catch((error: unknown) => log.error({ err: error }, 'a pass of the feed failed'))
        .finally(() => {
          this.#nextPassAt = this.#restAfter(began);
          this.#busy = false;
          if (this.hasWork) this.runSoon();
        });
    };
    const rest = this.#nextPassAt - clock.monotonic();
    if (rest >= 1) clock.after(rest, run);
    else clock.soon(run);
  }

  async #pass(): Promise<void> {
    this.#beginSlice();
    await this.#roundsIfRested();
    const ready = [...this.#ready];
    this.#ready.clear();
    for (const reader of ready) {
      if (this.#isOpen(reader) && reader.advance()) this.#ready.add(reader);
      if (!this.#sliceIsOver()) continue;
      await this.#otherWork();
      await this.#roundsIfRested();
    }
    this.#options.passed();
  }

  async #roundsIfRested(): Promise<void> {
    const began = this.#options.clock.monotonic();
    if (this.#touched.size === 0 || began < this.#nextRoundsAt) return;
    const causes = [...this.#causes];
    this.#causes.clear();
    await this.#tracer.shared('feed rounds', { views: this.#touched.size }, causes, () => this.#rounds());
    this.#nextRoundsAt = this.#restAfter(began, this.#ready.size > 0 ? Infinity : LONGEST_REST);
  }

  /** When the rest is over after work that began then and has ended now: one as long as the work, or as `longest`. */
  #restAfter(began: number, longest = LONGEST_REST): number {
    const ended = this.#options.clock.monotonic();
    return ended + Math.min(ended - began, longest);
  }

  async #rounds(): Promise<void> {
    const { readersOf } = this.#options;
    // What many share comes first: one client with a thousand views of its own keeps nobody else waiting.
    const touched = [...this.#touched].sort((a, b) => readersOf(b).size - readersOf(a).size);
    this.#touched.clear();
    for (const group of touched) {
      const round = group.beginRound();
      if (!round) continue;
      const preparing = round.prepare(() => [...readersOf(group)].some(({ output }) => output.sink.gzip));
      while (preparing.next().done !== true) if (this.#sliceIsOver()) await this.#otherWork();
      for (const reader of [...readersOf(group)]) {
        // A reload in the meantime has dropped the round: its commits may be of another history.
        if (group.round !== round) break;
        if (this.#isOpen(reader) && reader.serve(round)) this.#ready.add(reader);
        if (this.#sliceIsOver()) await this.#otherWork();
      }
      if (group.round === round) group.round = undefined;
      if (!group.idle) this.#touched.add(group);
    }
  }

  #isOpen(reader: Served): boolean {
    return this.#options.readersOf(reader.group).has(reader);
  }

  #beginSlice(): void {
    this.#visited = 0;
    this.#sliceEnds = this.#options.clock.monotonic() + SLICE;
  }

  #sliceIsOver(): boolean {
    const { clock, slice } = this.#options;
    this.#visited += 1;
    return this.#visited >= slice || clock.monotonic() >= this.#sliceEnds;
  }

  async #otherWork(): Promise<void> {
    await new Promise<void>((resolve) => this.#options.clock.soon(resolve));
    this.#beginSlice();
  }
}
