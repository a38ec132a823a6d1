// What a compositor in a page or program imports: `compositord-client/publish`, `compositord/publish`, or `/publish.js` of a daemon.
import { baseOf } from './base-url.ts';
import type { MakeWebSocket, WebSocketLike } from './compositor-link.ts';
import { checkOptions, required, type OptionTypes } from './options.ts';
import { Publication } from './publication.ts';
import type { Token } from './token.ts';

export type { PublishProblem } from './compositor-link.ts';
export { Refused, type FieldProblem, type ProblemDetails } from './refused.ts';
export type { Token } from './token.ts';
export type { CommandHandler } from './commands.ts';
export type { Publication, PublicationEvents, PublicationState } from './publication.ts';
export type { TileChanges, TileWrite, Written } from './write-queue.ts';

export interface PublishOptions {
  /** Where the daemon is, with its base path; in a page it may be relative. */
  readonly url: string | URL;
  /** The compositor's id: `a` to `z`, digits, `.`, `_` and `-`. Another that is registered under it is taken over. */
  readonly id: string;
  /** For people; the id by default. */
  readonly name?: string;
  readonly version?: string;
  readonly platform?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly string[];
  /** Seconds for which the daemon keeps the compositor alive after its link has ended. */
  readonly ttl?: number;
  /** Sent as a bearer token. A function is called at each connection: {@link Token}. */
  readonly token?: Token;
  /** Closes it when it aborts. */
  readonly signal?: AbortSignal;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** The class to open the link with, where there is no global one: Node before 22. */
  readonly WebSocket?: new (url: string, protocols: string[]) => unknown;
  /** Milliseconds without an answer after which a connection counts as dead; 15,000. */
  readonly watchdog?: number;
  /** The longest pause between two attempts, in milliseconds; 30,000. */
  readonly maxRetry?: number;
}

const TYPES: OptionTypes<PublishOptions> = {
  url: 'string or object',
  id: 'string',
  name: 'string',
  version: 'string',
  platform: 'string',
  labels: 'object',
  capabilities: 'object',
  ttl: 'number',
  token: 'string or function',
  signal: 'object',
  fetch: 'function',
  WebSocket: 'function',
  watchdog: 'number',
  maxRetry: 'number',
};

/**
 * Registers a compositor, opens its link, and keeps both until it is closed: it comes back after every cut, and where the daemon has
 * forgotten it, it registers again and publishes all that it shows. Throws only on invalid options, a TypeError.
 */
export function publish(options: PublishOptions): Publication {
  checkOptions('publish', options, TYPES);
  const { token, signal, version, platform, labels, capabilities, ttl } = options;
  const id = required('publish', 'id', options.id);
  const name = options.name ?? id;
  const WebSocket =
    options.WebSocket ?? (globalThis as { WebSocket?: PublishOptions['WebSocket'] }).WebSocket;
  if (!WebSocket) throw new TypeError('there is no global WebSocket: give one as the option WebSocket');
  const makeWebSocket: MakeWebSocket = (url, protocols) => new WebSocket(url, protocols) as WebSocketLike;
  const publication = new Publication({
    url: baseOf('publish', options.url),
    id,
    token,
    // The instance names this run: registered again, it keeps its generation.
    registration: { name, version, platform, labels, capabilities, ttl, instance: randomName() },
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    makeWebSocket,
    watchdog: options.watchdog ?? 15_000,
    maxRetry: options.maxRetry ?? 30_000,
  });
  if (signal?.aborted) void publication.close();
  signal?.addEventListener('abort', () => void publication.close(), { once: true });
  return publication;
}

/** Not `crypto.randomUUID`, which pages without TLS do not have. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
