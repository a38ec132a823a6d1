import type { Protocol } from './compositor.ts';
import type { HttpCall } from './http-call.ts';
import type { TileWrites } from './publishing.ts';
import type { RelayMessage } from './relay-message.ts';
import type { Relayed } from './relayed.ts';

/** Where a compositor listens. */
export interface Target {
  readonly id: string;
  readonly protocol: Protocol;
  /** A host name or an IP address; for libp2p a multiaddr. */
  readonly address: string;
  readonly port?: number;
}

/**
 * The daemon's connection to one compositor. Each technology has an adapter in `adapters/connectors`, and all of them pass
 * `test/contract/connector.ts`.
 *
 * - **Bounded.** Every call ends by its signal at the latest, and then rejects with a {@link ConnectorError}. Whatever a
 *   peer sends costs bounded memory, and its answers are at most {@link ANSWER_LIMIT} bytes.
 * - **Guarded.** A name is resolved once, each of its addresses is checked, and the connection goes to a checked address.
 *   Redirects are never followed.
 * - **Quiet.** A peer may send anything at any time. Its faults show only as a rejected call or as a call of `lost`.
 * - **Once.** `connect` is called once. After `lost` or a failed `connect` the next attempt needs a new connector.
 */
export interface Connector {
  /** Resolves when the connection is open. */
  connect(signal: AbortSignal): Promise<void>;
  /** Checks that the peer is healthy. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** Runs a command on the peer and resolves to its answer, any JSON value. Calls may overlap; they are sent in the order of the calls. */
  send(command: Command, signal: AbortSignal): Promise<unknown>;
  /**
   * Sends the peer what clients of the sockets say, as far as it reads: what it does not get is dropped. Absent where the protocol has no such
   * messages.
   */
  relay?(messages: readonly Relayed[]): void;
  /** Closes the connection; pending calls reject. May be called at any time and twice. */
  close(): Promise<void>;
}

/** Makes the connector for a target's protocol; it opens nothing before `connect`. */
export type MakeConnector = (target: Target, events: ConnectorEvents) => Connector;

export interface Command {
  /** Unique, so that the peer can run a repeated command once. */
  readonly id: string;
  readonly command: string;
  /** Any JSON value. */
  readonly params?: unknown;
  /** The request that carries it out; absent: the peer takes commands as they come. Only of compositors with an HTTP API. */
  readonly call?: HttpCall | undefined;
}

export interface Probe {
  readonly latencyMs: number;
  /** What the peer reports about itself: a JSON object of at most {@link INFO_LIMIT} bytes; absent when it reports nothing. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** What a peer sends without being asked. Connectors of protocols without such messages never call these. */
export interface ConnectorEvents {
  /** The connection ended by itself. Called at most once, and never after `close`. */
  lost(error: ConnectorError): void;
  /**
   * The peer changed tiles; null removes one. Each tile succeeds or fails alone: resolves to the number of refused tiles once
   * the others are written, and rejects when none were written. The connector waits for it before it calls again.
   */
  tiles(writes: TileWrites): Promise<number>;
  /**
   * The peer asks for what a compositor can ask the REST API for. Several requests come together only when all are of the type
   * `tiles` and of one generation: they share a commit, and each succeeds or fails alone. Resolves to their outcomes, in order.
   */
  request(requests: readonly PeerRequest[]): Promise<readonly RequestOutcome[]>;
  /** A message of a type that is passed on to all, such as `camera_update`; the manifest does not keep it. */
  relay(message: RelayMessage): void;
}

export interface PeerRequest {
  readonly type: 'register' | 'tiles' | 'lease' | 'leave';
  /** The rest of the message, unchecked. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the peer gets as the answer to a request: the result, or an error as a problem. */
export type RequestOutcome = { readonly body: unknown } | { readonly error: unknown };

/** How a link ends that a compositor opened: a code of RFC 6455, or one of ours (4000 to 4999), and one word that says why. */
export interface LinkEnd {
  readonly code: number;
  readonly reason: string;
}

/** A link that a compositor opened, and that nobody uses yet. */
export interface DialedLink {
  /** The connector over it. Called once. */
  connector(id: string, events: ConnectorEvents): Connector;
  /** Ends it: at once while it has no connector, else when the connector closes. */
  end(end: LinkEnd): void;
}

/** How the daemon names itself when it connects. */
export const USER_AGENT = 'compositord';
/** Bytes. */
export const ANSWER_LIMIT = 1024 * 1024;
export const INFO_LIMIT = 4096;

/**
 * - `refused`: `connect.allow` does not allow the address, or this daemon does not support the protocol.
 * - `unreachable`: no connection could be opened, or it broke.
 * - `timeout`: the signal fired first.
 * - `bad-answer`: the answer is malformed, too large, or a redirect.
 * - `failed`: the peer answered that it is unhealthy, or that the command failed.
 */
export type ConnectorErrorKind = 'refused' | 'unreachable' | 'timeout' | 'bad-answer' | 'failed';

/** The message is one line for a person. It never quotes the peer unescaped or at length, because it goes into logs. */
export class ConnectorError extends Error {
  readonly kind: ConnectorErrorKind;
  /** What the peer answered to a failed command: any JSON value. */
  readonly answer: unknown;
  /** Why the command failed, in one line and in the words of the peer; for its caller alone. */
  readonly reason: string | undefined;

  constructor(
    kind: ConnectorErrorKind,
    message: string,
    extras: { cause?: unknown; answer?: unknown; reason?: string | undefined } = {},
  ) {
    super(message, { cause: extras.cause });
    this.name = 'ConnectorError';
    this.kind = kind;
    this.answer = extras.answer;
    this.reason = extras.reason;
  }
}
