import type { Protocol } from './compositor.ts';
import type { TileWrite } from './publishing.ts';

/** Where a compositor listens. */
export interface Target {
  readonly id: string;
  readonly protocol: Protocol;
  /** A host name or an IP address; of libp2p a multiaddr. */
  readonly address: string;
  readonly port?: number;
}

/**
 * The daemon's link to one compositor. One adapter a technology (`adapters/connectors`); all pass `test/contract/connector.ts`.
 *
 * - **Bounded.** Every call ends by its signal at the latest, rejecting with a {@link ConnectorError}; what a peer sends
 *   costs bounded memory however much and however fast it is, and what it answers is at most {@link ANSWER_LIMIT} bytes.
 * - **Guarded.** A name is resolved once, each address it has is checked, and the connection goes to the address that was
 *   checked. Redirects are never followed.
 * - **Quiet.** A peer may send anything at any time; nothing it does throws anywhere but from a call here, or is told to `lost`.
 * - **Once.** `connect` is called once. After `lost` or a failed `connect` a connector is over: the next attempt is a new one.
 */
export interface Connector {
  /** Resolves when the peer can be talked to. */
  connect(signal: AbortSignal): Promise<void>;
  /** Asks whether the peer is well. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** Runs a command there; resolves to its answer, any JSON value. Calls may overlap; the order of sending is the order of calling. */
  send(command: Command, signal: AbortSignal): Promise<unknown>;
  /** Ends the link; pending calls reject. May be called at any time and twice. */
  close(): Promise<void>;
}

/** Makes the connector of a target's protocol; nothing is opened before `connect`. */
export type MakeConnector = (target: Target, events: ConnectorEvents) => Connector;

export interface Command {
  /** Unique; the peer may use it to run a repeated command once. */
  readonly id: string;
  readonly command: string;
  /** Any JSON value. */
  readonly params?: unknown;
}

export interface Probe {
  readonly latencyMs: number;
  /** What the peer says of itself: a JSON object, at most {@link INFO_LIMIT} bytes; absent when it says nothing. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** What comes from the peer unasked. Protocols without such a thing never call them. */
export interface ConnectorEvents {
  /** The link ended by itself; called at most once, and never after `close`. */
  lost(error: ConnectorError): void;
  /**
   * The peer changed tiles; null removes. Each is on its own: resolves, once the others are written, to how many the rules
   * refused. Rejects when none were. Not called again before it is done.
   */
  tiles(writes: ReadonlyMap<string, TileWrite | null>): Promise<number>;
  /** The peer asks for what the REST API does for a compositor. The answer goes back under its correlation id; what is thrown, as a problem. */
  request(request: PeerRequest): Promise<unknown>;
  /** A `camera_update` or `cognitive_update`, for whoever watches; not in the manifest. */
  relay(message: Readonly<Record<string, unknown>>): void;
}

export interface PeerRequest {
  readonly type: 'register' | 'tiles' | 'lease' | 'leave';
  /** The rest of the message, unchecked. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Bytes. */
export const ANSWER_LIMIT = 1024 * 1024;
export const INFO_LIMIT = 4096;

/**
 * - `refused`: the address may not be connected to (`connect.allow`), or the protocol is not to be had here.
 * - `unreachable`: no connection, or it broke.
 * - `timeout`: the signal came first.
 * - `bad-answer`: the peer answered what cannot be understood, too much of it, or a redirect.
 * - `failed`: the peer answered that it is not well, or that the command failed.
 */
export type ConnectorTrouble = 'refused' | 'unreachable' | 'timeout' | 'bad-answer' | 'failed';

/** The message is one line for a person, and says nothing that a peer could have put there unescaped or at length. */
export class ConnectorError extends Error {
  readonly trouble: ConnectorTrouble;
  /** What the peer said of a failed command: any JSON value. */
  readonly answer: unknown;

  constructor(
    trouble: ConnectorTrouble,
    message: string,
    extras: { cause?: unknown; answer?: unknown } = {},
  ) {
    super(message, { cause: extras.cause });
    this.name = 'ConnectorError';
    this.trouble = trouble;
    this.answer = extras.answer;
  }
}
