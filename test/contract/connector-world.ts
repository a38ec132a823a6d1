import type { Socket } from 'node:net';
import type { Test } from 'tap';
import type { WebSocket } from 'ws';
import { Guard } from '../../src/adapters/connectors/guard.ts';
import { connectorFactory } from '../../src/adapters/connectors/connector-factory.ts';
import type { ConnectorParts, ProtocolViolation } from '../../src/adapters/connectors/connector-parts.ts';
import type { ResolveName } from '../../src/adapters/connectors/ip-address.ts';
import { PeerConnector } from '../../src/adapters/connectors/peer-connector.ts';
import { WsLink } from '../../src/adapters/connectors/ws-link.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { AddressPolicy } from '../../src/domain/address-policy.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type {
  Connector,
  ConnectorError,
  ConnectorEvents,
  PeerRequest,
  Target,
} from '../../src/domain/connector.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { TileWrite } from '../../src/domain/publishing.ts';
import { relayTypes } from '../../src/domain/relay-types.ts';

export interface PeerCommand {
  readonly id: string;
  readonly command: string;
  readonly params?: unknown;
}

export type PeerMessage = Readonly<Record<string, unknown>>;

/** A real compositor of one protocol, as far as every connector's suite needs it. */
export interface ContractPeer {
  readonly target: Target;
  /** Where `target` is, under a host name; absent when the protocol has no such thing. */
  targetAt?(host: string): Target;
  /** What it says of itself to whoever connects from now on. */
  info: unknown;
  /** The answer to a command; what it throws is a failure. */
  onCommand: (command: PeerCommand) => unknown;
  readonly commands: readonly PeerCommand[];
  /** From now on it hears, and never answers anything. */
  silence(): void;
  /** Connections: made so far, and open now. */
  readonly connections: number;
  readonly open: number;
  /** As when its process dies. */
  stop(): Promise<void>;
  /** Again, in the same place. */
  listen(): Promise<void>;
}

/** A peer that speaks unasked, and hears messages. */
export interface TalkingPeer extends ContractPeer {
  say(...messages: unknown[]): void;
  /** Says what is no message. */
  sayGarbage(): void;
  readonly heard: readonly PeerMessage[];
  /** The first message heard, or yet to be, that `fits`. */
  hears(fits: (message: PeerMessage) => boolean): Promise<PeerMessage>;
  /** Says it under a new correlation id; resolves to the reply. */
  ask(message: PeerMessage): Promise<PeerMessage>;
  /** Bytes it could not get rid of, because nobody reads them. */
  readonly unread: number;
}

export type StartPeer<P extends ContractPeer> = (t: Test) => Promise<P>;

type Writes = ReadonlyMap<string, TileWrite | null>;

export interface Linked {
  readonly connector: Connector;
  /** What the connector told. */
  readonly lost: ConnectorError[];
  readonly batches: Writes[];
  readonly requests: PeerRequest[];
  /** How many requests came together, each time. */
  readonly together: number[];
  readonly relayed: (string | undefined)[];
  /** All tiles as they are now. */
  readonly tiles: Map<string, TileWrite>;
  readonly odd: Record<ProtocolViolation, number>;
  /** What `tiles` and `request` do beyond being noted. */
  onTiles: (writes: Writes) => Promise<void> | void;
  /** Cells whose tiles are refused. */
  refuses: (key: string) => boolean;
  onRequest: (request: PeerRequest) => unknown;
}

export interface LinkOptions {
  readonly allow?: readonly string[];
  readonly resolve?: ResolveName;
  readonly ca?: string;
  readonly clock?: Clock;
}

/** Where a peer opens the link itself, when the connector is to connect. */
export interface DialInTarget extends Target {
  dialIn(): Promise<{ webSocket: WebSocket; raw: Socket }>;
}

/** A connector to `target` as the daemon makes it, or over the link that a peer opens; closed when `t` ends. */
export function link(t: Test, target: Target, options: LinkOptions = {}): Linked {
  const odd = { garbage: 0, unknown: 0, invalid: 0, refused: 0, late: 0, flood: 0 };
  const resolve: ResolveName =
    options.resolve ??
    (async () => {
      throw new Error('no such name');
    });
  const parts: ConnectorParts = {
    guard: new Guard({ policy: new AddressPolicy(options.allow ?? ['loopback']), resolve }),
    clock: options.clock ?? new SystemClock(),
    count: (what, times = 1) => (odd[what] += times),
    relay: { types: relayTypes(['scene_update']), dropped: () => undefined },
    log: { warn: () => undefined, error: (fields) => t.fail('logged', fields) },
    problemOf: (error) => ({ type: `/problems/${error instanceof DomainError ? error.kind : 'internal'}` }),
    ...(options.ca !== undefined && { ca: options.ca }),
  };
  const linked: Omit<Linked, 'connector'> = {
    lost: [],
    batches: [],
    requests: [],
    together: [],
    relayed: [],
    tiles: new Map(),
    odd,
    onTiles: () => undefined,
    refuses: () => false,
    onRequest: () => ({}),
  };
  const events: ConnectorEvents = {
    lost: (error) => void linked.lost.push(error),
    async tiles(writes) {
      linked.batches.push(new Map(writes));
      await linked.onTiles(writes);
      let refused = 0;
      for (const [key, write] of writes) {
        if (linked.refuses(key)) refused += 1;
        else if (write) linked.tiles.set(key, write);
        else linked.tiles.delete(key);
      }
      return refused;
    },
    request: (requests) => {
      linked.together.push(requests.length);
      return Promise.all(
        requests.map(async (request) => {
          linked.requests.push(request);
          try {
            return { body: await linked.onRequest(request) };
          } catch (error) {
            return { error };
          }
        }),
      );
    },
    relay: ({ text }) => void linked.relayed.push(text),
  };
  const connector =
    'dialIn' in target
      ? new PeerConnector({ ...parts, target, events, open: () => overLink(target as DialInTarget, parts) })
      : connectorFactory(parts)(target, events);
  t.teardown(() => connector.close());
  return Object.assign(linked, { connector });
}

async function overLink(target: DialInTarget, { clock }: ConnectorParts): Promise<WsLink> {
  const { webSocket, raw } = await target.dialIn();
  return WsLink.over(webSocket, raw, clock);
}

/** The same, connected. */
export async function connected(t: Test, target: Target, options: LinkOptions = {}): Promise<Linked> {
  const linked = link(t, target, options);
  await linked.connector.connect(soon());
  return linked;
}

/** The ceiling of one call: long enough for the slowest machine. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** How a call failed. */
export async function errorOf(call: Promise<unknown>): Promise<ConnectorError> {
  return call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as ConnectorError,
  );
}
