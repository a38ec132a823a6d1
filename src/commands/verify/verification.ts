import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Cursor } from '../../domain/cursor.ts';
import { compareAtEnd, freeze, readCommits, travel, type Frozen } from './compare.ts';
import { probeConditional } from './conditional-probe.ts';
import { Crew, rest } from './crew.ts';
import { ask } from './deployment.ts';
import { noEvidence, type Evidence } from './evidence.ts';
import { probeFence } from './fence-probe.ts';
import { probeHealth } from './health-probe.ts';
import { keepAlive, watchDeath } from './lease-probe.ts';
import { probeRefusals } from './refusal-probe.ts';
import { Region } from './region.ts';
import { TimeLimit } from './time-limit.ts';
import { Witness } from './witness.ts';
import { newestCursor, Writer } from './writer.ts';

export interface VerificationOptions {
  /** Without a slash at the end. */
  readonly urls: readonly string[];
  readonly seconds: number;
  /** Ends it early; what it made is taken away all the same. */
  readonly signal: AbortSignal;
}

/** Rows of the region; the writers have those before. */
const FENCED = 40;
const TAGGED = 42;
const REFUSED = 44;
const MAX_WRITERS = 8;
const MAX_MOMENTS = 6;
const HOP_EVERY = 600;
/** Milliseconds for a write that is under way at the end, and for readers to reach the last commit. */
const LAST_WRITES = 15_000;
const CATCH_UP = 10_000;

/** One run against a deployment: it writes, reads, drops and waits, and leaves with what it saw. */
export class Verification {
  readonly evidence: Evidence;
  /** Ids that could not be taken away at the end. */
  left: string[] = [];
  /** It asks for a token, or for one with more scopes. */
  refused = false;
  readonly #options: VerificationOptions;
  readonly #crew: Crew;
  readonly #witnesses: Witness[] = [];
  #region = Region.somewhere();

  constructor(options: VerificationOptions) {
    this.#options = options;
    this.evidence = noEvidence(options.urls);
    this.#crew = new Crew({ urls: options.urls, evidence: this.evidence });
  }

  get readers(): { readonly exact: number; readonly all: number } {
    return {
      exact: this.#witnesses.filter(({ reader }) => reader.exact).length,
      all: this.#witnesses.length,
    };
  }

  /** False when nobody answers at any URL, or the only answer is not a manifest. */
  async run(): Promise<boolean> {
    const since = await this.#begin();
    if (since === undefined) return false;
    const stalls = monitorEventLoopDelay({ resolution: 10 });
    stalls.enable();
    try {
      const moments = await this.#act();
      if (!this.#options.signal.aborted) await this.#conclude(since, moments);
    } finally {
      stalls.disable();
      this.evidence.stallMs = stalls.max / 1e6;
      await Promise.all(this.#witnesses.map(({ reader }) => reader.disconnect()));
      // Before the compositors go: that they vanish is no lost write.
      this.evidence.readers.push(...this.#witnesses.map((witness) => witness.evidence()));
      this.left = await this.#crew.leave();
    }
    return true;
  }

  /** Finds an empty corner; the cursor at which it was so. */
  async #begin(): Promise<Cursor | undefined> {
    const { signal } = this.#options;
    for (let tries = 0; tries < 5; tries++) {
      const { x1, y1, x2, y2 } = this.#region.rect;
      const path = `/manifest?view=${x1},${y1},${x2},${y2}`;
      const answers = await Promise.all(this.evidence.urls.map((url) => ask(url, path, { signal })));
      this.refused = answers.some(({ status }) => status === 401 || status === 403);
      const found = answers.find(({ status }) => status === 200)?.body as
        { cursor?: Cursor; tiles?: object } | undefined;
      if (typeof found?.cursor !== 'string' || typeof found.tiles !== 'object') return undefined;
      if (Object.keys(found.tiles).length === 0) return found.cursor;
      this.#region = Region.somewhere();
    }
    return undefined;
  }

  /** Everything that goes on at once, until the time is over. */
  async #act(): Promise<Frozen[]> {
    const { urls } = this.evidence;
    const { seconds, signal } = this.#options;
    const limits = [0, LAST_WRITES].map((more) => new TimeLimit(seconds * 1000 + more, signal));
    const [over, stop] = limits.map((limit) => limit.signal) as [AbortSignal, AbortSignal];
    const ids = Array.from({ length: Math.min(MAX_WRITERS, urls.length + 1) }, (_, i) =>
      this.#crew.id(`w${i + 1}`),
    );
    this.#place(ids);
    const whole = this.#witnesses.filter(({ reader }) => reader.query === '');
    const probe = { crew: this.#crew, evidence: this.evidence, signal: over };
    const moments: Frozen[] = [];
    await Promise.all([
      ...ids.map((id, row) =>
        new Writer({
          id,
          row,
          // Each at its own URL, and the last one at all of them in turn.
          urls: row < urls.length && row < ids.length - 1 ? [urls[row]!] : urls,
          everywhere: urls,
          crew: this.#crew,
          region: this.#region,
          evidence: this.evidence,
        }).run(over, stop),
      ),
      ...this.#hoppers().map((witness, i) => this.#hop(witness, i, over)),
      ...urls.slice(0, 3).map((url, i) => watchDeath(`dead${i + 1}`, url, whole, { ...probe, signal: stop })),
      keepAlive('alive', whole, over, probe),
      probeFence(urls, this.#region, FENCED, probe),
      probeConditional(urls, this.#region, TAGGED, probe),
      probeRefusals(urls, this.#region, REFUSED, probe),
      probeHealth(this.evidence, over),
      this.#remember(moments, over),
    ]).finally(() => limits.forEach((limit) => limit.clear()));
    return moments;
  }

  /** Strict readers at every URL: the whole map, the region, a part of it that cuts its blocks, and one owner. */
  #place(writers: readonly string[]): void {
    const region = this.#region;
    for (const url of this.evidence.urls) {
      const add = (name: string, view: Partial<ConstructorParameters<typeof Witness>[0]> = {}) =>
        this.#witnesses.push(new Witness({ name, url, region, writers, ...view }));
      add('whole');
      add('view', { view: region.rect });
      add('part', { view: region.part });
      add('owners', { compositors: writers });
      add('hopper');
      add('hopper in view', { view: region.rect });
    }
    for (const { reader } of this.#witnesses) reader.connect();
  }

  #hoppers(): Witness[] {
    return this.#witnesses.filter((_, i) => i % 6 >= 4);
  }

  async #hop(witness: Witness, start: number, over: AbortSignal): Promise<void> {
    const { urls } = this.evidence;
    for (let turn = start + 1; ; turn++) {
      await rest(HOP_EVERY * (0.5 + Math.random()), over);
      if (over.aborted) return;
      await witness.hop(urls[turn % urls.length]!);
    }
  }

  async #remember(moments: Frozen[], over: AbortSignal): Promise<void> {
    const every = (this.#options.seconds * 1000) / (MAX_MOMENTS + 1);
    for (let turn = 0; turn < MAX_MOMENTS; turn++) {
      await rest(every, over);
      if (over.aborted) return;
      const moment = freeze(this.#witnesses[(turn * 5) % this.#witnesses.length]!);
      if (moment) moments.push(moment);
    }
  }

  /** When nobody of ours writes any more: what is held, served and logged must agree. */
  async #conclude(since: Cursor, moments: readonly Frozen[]): Promise<void> {
    const { evidence } = this;
    const newest = newestCursor(evidence) ?? since;
    // Whoever does not get there is found by the comparison.
    await Promise.all(this.#witnesses.map((witness) => this.#reach(witness, newest)));
    const mine = this.#crew.id('');
    await Promise.all(
      this.#witnesses.map((witness) => compareAtEnd({ witness, url: witness.url, mine, evidence })),
    );
    for (const moment of moments) await travel(moment, evidence);
    for (let turn = 0; turn < evidence.urls.length * 3 && !evidence.commits; turn++) {
      const url = evidence.urls[turn % evidence.urls.length]!;
      evidence.commits = await readCommits(url, since, newest, mine);
    }
  }

  async #reach({ reader }: Witness, newest: Cursor): Promise<void> {
    // A filtered stream's cursor stays behind while nothing in view changes; only the whole map says when it is there.
    if (reader.query === '') await reader.untilCursor(newest, CATCH_UP).catch(() => undefined);
    else await reader.until(({ exact }) => exact, CATCH_UP).catch(() => undefined);
  }
}
