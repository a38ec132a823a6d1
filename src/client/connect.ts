import { baseOf, page } from './base-url.ts';
import { MovingLink } from './moving-link.ts';
import { SharedLink, type Locks } from './shared-link.ts';
import { Subscription } from './subscription.ts';
import { tileHash } from './tile-hash.ts';
import { checkOptions, type OptionTypes } from './options.ts';
import type { LinkSettings } from './stream-link.ts';
import type { Token } from './token.ts';
import { viewOf, type Rect, type View } from './view.ts';

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
  /** Sent as a bearer token. A function is called at each connection: {@link Token}. */
  readonly token?: Token;
  /** Closes the subscription when it aborts. */
  readonly signal?: AbortSignal;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds without an event after which a connection counts as dead; 35,000. The server sends a heartbeat every 15 s. */
  readonly watchdog?: number;
  /**
   * False: this subscription gets its own stream. Otherwise tabs share one where the browser has Web Locks (https, localhost) and the token
   * is no function; true: with a function, too, when all tabs of this origin act for the same user.
   */
  readonly share?: boolean;
  /** The longest pause between two connection attempts, in milliseconds; 30,000. */
  readonly maxRetry?: number;
}

const TYPES: OptionTypes<ConnectOptions> = {
  url: 'string or object',
  view: 'string or object',
  zoom: 'number',
  compositor: 'string or object',
  token: 'string or function',
  signal: 'object',
  fetch: 'function',
  watchdog: 'number',
  share: 'boolean',
  maxRetry: 'number',
};

/** Opens a live copy of the manifest and keeps it up to date until it is closed. Throws only on invalid options, a TypeError. */
export function connect(options: ConnectOptions): Subscription {
  const { view, settings } = checked(options);
  const { token, signal, zoom } = options;
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  // A caller with its own `fetch` wants its own connection, and whose a token is that a function gives is not known.
  const shares = options.share ?? (page() !== undefined && !options.fetch && typeof token !== 'function');
  const subscription = new Subscription(view, (sink, current) =>
    locks && shares && zoom === undefined
      ? new SharedLink(view, { name: nameOf(settings.url, token), locks, settings, sink, current })
      : new MovingLink(view, settings, sink),
  );
  if (signal?.aborted) subscription.close();
  signal?.addEventListener('abort', () => subscription.close(), { once: true });
  return subscription;
}

/** What the options say. Throws a TypeError when they are invalid. */
export function checked(options: ConnectOptions): { view: View; settings: LinkSettings } {
  checkOptions('connect', options, TYPES);
  const { compositor, token, fetch } = options;
  if (Array.isArray(compositor) && compositor.length === 0)
    throw new TypeError('connect: the option "compositor" has no id; leave it out for all of them');
  return {
    view: viewOf(options.view, compositor, options.zoom),
    settings: {
      url: baseOf('connect', options.url),
      token,
      fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
      watchdog: options.watchdog ?? 35_000,
      maxRetry: options.maxRetry ?? 30_000,
    },
  };
}

/**
 * The name of the lock and the channel. Tabs share a stream when their names are equal. It holds a hash of the token, never the token.
 * The 2 is the version of {@link TabMessage}: raise it when a message changes, or tabs with an old client would misread the new ones.
 */
function nameOf(url: string, token: Token = ''): string {
  const own = typeof token === 'function' ? '()' : (token ?? '');
  const hashes = [0, 1].map((timestamp) => tileHash(url, { brick: own, timestamp, compositor: '' }));
  return `compositord/2 ${url} ${hashes.join('-')}`;
}
