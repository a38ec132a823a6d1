import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SystemClock } from '../../adapters/system-clock.ts';
import { withDeadline } from '../../concurrency/timeout.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { formatRect } from '../../domain/view.ts';
import { pause, sendRequest } from '../http-client.ts';
import { AreaComparison } from './area-comparison.ts';
import { compareAtEnd, copyOf, readCommits, readPast, type CopyAtCursor } from './compare.ts';
import type { VerifyContext } from './context.ts';
import { LinkSession } from './link-session.ts';
import { Observations } from './observations.ts';
import { Observer, type ObserverOptions } from './observer.ts';
import { probeCompression, type QuietReaders } from './probes/compression.ts';
import { probeConditional } from './probes/conditional.ts';
import { probeErrors } from './probes/errors.ts';
import { probeFencing } from './probes/fencing.ts';
import { probeHealth } from './probes/health.ts';
import { probeExpiry, probeRegionLeases, probeRenewal } from './probes/leases.ts';
import { probeCommands, runLinkedWriter } from './probes/links.ts';
import { probeRegions } from './probes/regions.ts';
import { Region } from './region.ts';
import { TestCompositors, type Send } from './test-compositors.ts';
import { newestCursor, runWriter } from './writer.ts';

export interface VerificationOptions {
  /** Without a slash at the end. */
  readonly urls: readonly string[];
  readonly token: string | undefined;
  readonly seconds: number;
  /** Ends it early; the cleanup still happens. */
  readonly signal: AbortSignal;
}

/** Rows of the region; the writers have the first ones. */
const RESERVED_ROW = 36;
const TENANT_ROW = 38;
const FENCED_ROW = 40;
const TAGGED_ROW = 42;
const INVALID_ROW = 44;
/** One a URL from here on. */
const QUIET_ROW = 46;
const MAX_QUIET = 16;
const MAX_WRITERS = 8;
const MAX_EXPIRIES = 3;
const MAX_COPIES = 6;
const RECONNECT_INTERVAL = 600;
/** Milliseconds for a write under way at the end, and for readers to reach the last commit. */
const LAST_WRITES = 15_000;
const CATCH_UP = 10_000;

/** One run against a deployment: writes, reads, reconnects and probes, and records what it observes. */
export class Verification {
  readonly observations: Observations;
  /** Ids that could not be removed at the end. */
  left: string[] = [];
  /** The deployment requires a token, or one with more scopes. */
  unauthorized = false;
  readonly #options: VerificationOptions;
  readonly #send: Send;
  readonly #compositors: TestCompositors;
  readonly #observers: Observer[] = [];
  /** The observers that reconnect at other URLs. */
  readonly #roaming: Observer[] = [];
  /** Those whose open streams move to other views. */
  readonly #moving: Observer[] = [];
  readonly #quiet: QuietReaders[] = [];
  #region = new Region();

  constructor(options: VerificationOptions) {
    const { urls, token } = options;
    this.#options = options;
    this.#send = (url, path, request) => sendRequest(url + path, { token, ...request });
    this.observations = new Observations(urls);
    this.#compositors = new TestCompositors(this.#send, this.observations);
  }

  get readers(): { readonly exact: number; readonly all: number } {
    const exact = this.#observers.filter(({ client }) => client.copy.exact).length;
    return { exact, all: this.#observers.length };
  }

  /** False when no URL answers, or the only answer is not a manifest. */
  async run(): Promise<boolean> {
    const since = await this.#findEmptyRegion();
    if (since === undefined) return false;
    const stalls = monitorEventLoopDelay({ resolution: 10 });
    stalls.enable();
    try {
      await this.#observe(since);
    } finally {
      stalls.disable();
      this.observations.stallMs = stalls.max / 1e6;
      await Promise.all(this.#observers.map(({ client }) => client.disconnect()));
      // Before the compositors are removed: readers must not record that as lost writes.
      this.observations.readers.push(...this.#observers.map((observer) => observer.observations()));
      this.left = await this.#compositors.removeAll();
    }
    return true;
  }

  /** Finds a region without tiles, and returns the cursor at which it was empty. */
  async #findEmptyRegion(): Promise<Cursor | undefined> {
    const { urls, signal } = this.#options;
    for (let tries = 0; tries < 5; tries++) {
      const path = `/manifest?view=${formatRect(this.#region.rect)}`;
      const replies = await Promise.all(urls.map((url) => this.#send(url, path, { signal })));
      this.unauthorized = replies.some(({ status }) => status === 401 || status === 403);
      const found = replies.find(({ status }) => status === 200)?.body as
        { cursor?: Cursor; tiles?: object } | undefined;
      if (typeof found?.cursor !== 'string' || typeof found.tiles !== 'object') return undefined;
      if (Object.keys(found.tiles).length === 0) return found.cursor;
      this.#region = new Region();
    }
    return undefined;
  }

  async #observe(since: Cursor): Promise<void> {
    const { urls, seconds, signal } = this.#options;
    const clock = new SystemClock();
    const observe = async (over: AbortSignal, stop: AbortSignal) => {
      const context: VerifyContext = {
        urls,
        send: this.#send,
        openLink: (url, registered) => LinkSession.open(url, registered, this.#options.token),
        compositors: this.#compositors,
        region: this.#region,
        observations: this.observations,
        over,
        stop,
      };
      const copies = await this.#act(context);
      if (!signal.aborted) await this.#compare(context, since, copies);
    };
    const untilStop = (over: AbortSignal) =>
      withDeadline(clock, seconds * 1000 + LAST_WRITES, (stop) => observe(over, stop), signal);
    await withDeadline(clock, seconds * 1000, untilStop, signal);
  }

  /** Everything that happens at the same time, until the time is over. Returns the copies of readers to compare later. */
  async #act(context: VerifyContext): Promise<CopyAtCursor[]> {
    const { urls, over } = context;
    const count = Math.min(MAX_WRITERS, urls.length + 1);
    const ids = Array.from({ length: count }, (_, i) => this.#compositors.id(`w${i + 1}`));
    const linked = this.#compositors.id('linked');
    this.#connectObservers([...ids, linked]);
    const whole = this.#observers.filter(({ client }) => client.query === '');
    const copies: CopyAtCursor[] = [];
    await Promise.all([
      ...ids.map((id, row) => {
        // Each writes at its own URL, the last one at all of them in turn.
        const own = row < count - 1 && urls[row] !== undefined ? [urls[row]] : urls;
        return runWriter(context, id, { row, own });
      }),
      ...this.#roaming.map((observer, i) => this.#roam(observer, i, context)),
      ...this.#moving.map((observer, i) => this.#move(observer, i, context)),
      ...this.#quiet.map((readers, i) => probeCompression(context, this.#quietId(i), QUIET_ROW + i, readers)),
      ...urls.slice(0, MAX_EXPIRIES).map((url, i) => probeExpiry(context, `dead${i + 1}`, url, whole)),
      probeRenewal(context, whole),
      runLinkedWriter(context, linked, count),
      probeCommands(context, whole),
      probeRegions(context, RESERVED_ROW),
      probeRegionLeases(context, TENANT_ROW, whole),
      probeFencing(context, FENCED_ROW),
      probeConditional(context, TAGGED_ROW),
      probeErrors(context, INVALID_ROW),
      probeHealth(context),
      this.#takeCopies(copies, over),
    ]);
    return copies;
  }

  /** Observers at every URL: of the whole map, the region, a part of it that cuts its blocks, verify's own writers, and overviews. */
  #connectObservers(writers: readonly string[]): void {
    const { token } = this.#options;
    const region = this.#region;
    const comparison = new AreaComparison();
    for (const [i, url] of this.#options.urls.entries()) {
      const add = (name: string, view: Partial<ObserverOptions> = {}) => {
        const observer = new Observer({ name, url, token, region, writers, comparison, ...view });
        this.#observers.push(observer);
        observer.client.connect();
        return observer;
      };
      // Half of them read compressed streams: they must see the same.
      add('whole', { gzip: true });
      add('view', { view: region.rect });
      add('part', { view: region.part, gzip: true });
      add('owners', { compositors: writers });
      add('overview', { view: region.rect, zoom: 1, gzip: true });
      add('overview of owners', { view: region.rect, compositors: writers, zoom: 3 });
      this.#moving.push(add('moving', { view: region.rect }));
      this.#roaming.push(add('roaming'), add('roaming in view', { view: region.rect, gzip: true }));
      if (i >= MAX_QUIET) continue;
      const row = { view: region.rowRect(QUIET_ROW + i), compositors: [this.#quietId(i)], writers: [] };
      const plain = add('quiet', row);
      this.#quiet.push({ url, plain, compressed: add('quiet, compressed', { ...row, gzip: true }) });
    }
  }

  #quietId(i: number): string {
    return this.#compositors.id(`quiet${i + 1}`);
  }

  async #roam(observer: Observer, start: number, { urls, over }: VerifyContext): Promise<void> {
    for (let i = start + 1; ; i++) {
      await pause(RECONNECT_INTERVAL * (0.5 + Math.random()), over);
      if (over.aborted) return;
      await observer.reconnect(urls[i % urls.length]!);
    }
  }

  async #move(observer: Observer, start: number, { urls, over }: VerifyContext): Promise<void> {
    for (let i = start + 1; ; i++) {
      await pause(RECONNECT_INTERVAL * (0.5 + Math.random()), over);
      if (over.aborted) return;
      const { rect, part } = this.#region;
      const views = [
        { rect, zoom: 0 },
        { rect: part, zoom: 0 },
        { rect, zoom: 2 },
      ] as const;
      await observer.move(views[i % views.length]!, urls[i % urls.length]!);
    }
  }

  async #takeCopies(copies: CopyAtCursor[], over: AbortSignal): Promise<void> {
    const interval = (this.#options.seconds * 1000) / (MAX_COPIES + 1);
    for (let i = 0; i < MAX_COPIES && (await pause(interval, over)); i++) {
      const copy = copyOf(this.#observers[(i * 5) % this.#observers.length]!);
      if (copy) copies.push(copy);
    }
  }

  /** When verify writes no more, what readers hold, what is served and what is logged must agree. */
  async #compare(context: VerifyContext, since: Cursor, copies: readonly CopyAtCursor[]): Promise<void> {
    const { observations, urls } = context;
    const newest = newestCursor(observations) ?? since;
    // The comparison reports a reader that does not get there.
    await Promise.all(this.#observers.map((observer) => this.#catchUp(observer, newest)));
    const prefix = this.#compositors.id('');
    await Promise.all(this.#observers.map((observer) => compareAtEnd(context, observer, prefix)));
    for (const copy of copies) await readPast(context, copy);
    for (let i = 0; i < urls.length * 3 && !observations.commits; i++)
      observations.commits = await readCommits(this.#send, urls[i % urls.length]!, {
        since,
        upTo: newest,
        prefix,
      });
  }

  async #catchUp({ client }: Observer, newest: Cursor): Promise<void> {
    // The cursor of a filtered stream stays behind while nothing in view changes.
    if (client.query === '') await client.untilCursor(newest, CATCH_UP).catch(() => undefined);
    else await client.until(({ copy: { exact } }) => exact, CATCH_UP).catch(() => undefined);
  }
}
