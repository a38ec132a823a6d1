import { MovingLink } from './moving-link.ts';
import { SharedLink, type Locks } from './shared-link.ts';
import { Subscription } from './subscription.ts';
import { tileHash } from './tile-hash.ts';
import { viewOf, type Rect } from './view.ts';

export interface ConnectOptions {
  /** Where the daemon is, with its base path; in a page it may be relative. */
  readonly url: string | URL;
  /** `x1,y1,x2,y2`, corners included, in any order; absent or null: the whole plane. */
  readonly view?: string | readonly number[] | Rect | null;
  /** Only these compositors and their tiles. */
  readonly compositor?: string | readonly string[];
  readonly token?: string;
  /** Closes it. */
  readonly signal?: AbortSignal;
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds without a sign of life after which a connection counts as dead; 35,000. The server gives one every 15 s. */
  readonly watchdog?: number;
  /** False: a stream of its own; otherwise tabs share one where the browser has Web Locks (https, or localhost). */
  readonly share?: boolean;
  /** Milliseconds between two attempts at most; 30,000. */
  readonly maxRetry?: number;
}

/** Opens a live copy of the manifest at once, and keeps it until it is closed. Throws only on options that are wrong. */
export function connect(options: ConnectOptions): Subscription {
  const { compositor, token, signal } = options;
  const view = viewOf(options.view, compositor);
  const settings = {
    url: baseOf(options.url),
    token,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    watchdog: options.watchdog ?? 35_000,
    maxRetry: options.maxRetry ?? 30_000,
  };
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  // Tabs of one page share; a `fetch` of its own is a connection of its own.
  const shares = options.share ?? (page() !== undefined && !options.fetch);
  const subscription = new Subscription(view, (sink, shown) =>
    locks && shares
      ? new SharedLink(view, { name: nameOf(settings.url, token), locks, settings, sink, shown })
      : new MovingLink(view, settings, sink),
  );
  if (signal?.aborted) subscription.close();
  signal?.addEventListener('abort', () => subscription.close(), { once: true });
  return subscription;
}

/** Absolute, with a slash at its end, without query and fragment. */
function baseOf(url: string | URL): string {
  const base = new URL(String(url), page());
  base.search = base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base.href;
}

/** The address of the page, if there is one. */
function page(): string | undefined {
  return (globalThis as { document?: { baseURI: string } }).document?.baseURI;
}

/** Tabs that share have the same; the token is not in it, only what tells two from each other. */
function nameOf(url: string, token = ''): string {
  const marks = [0, 1].map((timestamp) => tileHash(url, { brick: token, timestamp, compositor: '' }));
  return `compositord ${url} ${marks.join('-')}`;
}
