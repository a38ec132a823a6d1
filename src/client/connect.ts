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
  /**
   * 1 to 16: an overview, with areas of 2^zoom x 2^zoom cells instead of tiles. With any zoom, also 0, `setView` may change it,
   * and the subscription has a stream of its own.
   */
  readonly zoom?: number;
  /** Only these compositors and their tiles. */
  readonly compositor?: string | readonly string[];
  readonly token?: string;
  /** Closes the subscription when it aborts. */
  readonly signal?: AbortSignal;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds without an event after which a connection counts as dead; 35,000. The server sends a heartbeat every 15 s. */
  readonly watchdog?: number;
  /** False: this subscription gets its own stream. Otherwise tabs share one where the browser has Web Locks (https, localhost). */
  readonly share?: boolean;
  /** The longest pause between two connection attempts, in milliseconds; 30,000. */
  readonly maxRetry?: number;
}

/** Opens a live copy of the manifest and keeps it up to date until it is closed. Throws only on invalid options. */
export function connect(options: ConnectOptions): Subscription {
  const { compositor, token, signal, zoom } = options;
  const view = viewOf(options.view, compositor, zoom);
  const settings = {
    url: baseOf(options.url),
    token,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    watchdog: options.watchdog ?? 35_000,
    maxRetry: options.maxRetry ?? 30_000,
  };
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  // A caller with its own `fetch` wants its own connection.
  const shares = options.share ?? (page() !== undefined && !options.fetch);
  const subscription = new Subscription(view, (sink, current) =>
    locks && shares && zoom === undefined
      ? new SharedLink(view, { name: nameOf(settings.url, token), locks, settings, sink, current })
      : new MovingLink(view, settings, sink),
  );
  if (signal?.aborted) subscription.close();
  signal?.addEventListener('abort', () => subscription.close(), { once: true });
  return subscription;
}

/** The absolute base URL: it ends with a slash and has no query and no fragment. */
function baseOf(url: string | URL): string {
  const base = new URL(String(url), page());
  base.search = base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base.href;
}

/** The address of the page; undefined outside a browser. */
function page(): string | undefined {
  return (globalThis as { document?: { baseURI: string } }).document?.baseURI;
}

/**
 * The name of the lock and the channel. Tabs share a stream when their names are equal. It holds a hash of the token, never the token.
 * The 2 is the version of {@link TabMessage}: raise it when a message changes, or tabs with an old client would misread the new ones.
 */
function nameOf(url: string, token = ''): string {
  const hashes = [0, 1].map((timestamp) => tileHash(url, { brick: token, timestamp, compositor: '' }));
  return `compositord/2 ${url} ${hashes.join('-')}`;
}
