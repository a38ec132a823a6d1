import type { Test } from 'tap';
import { Guard } from '../../src/adapters/connectors/guard.ts';
import { connectorFactory } from '../../src/adapters/connectors/connector-factory.ts';
import type { ProtocolViolation } from '../../src/adapters/connectors/connector-parts.ts';
import type { ResolveName } from '../../src/adapters/connectors/ip-address.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { AddressPolicy } from '../../src/domain/address-policy.ts';
import type {
  Connector,
  ConnectorError,
  ConnectorEvents,
  PeerRequest,
  Target,
} from '../../src/domain/connector.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { TileWrite } from '../../src/domain/publishing.ts';

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
  readonly relayed: PeerMessage[];
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
}

/** A connector to `target` as the daemon makes it, closed when `t` ends. */
export function link(t: Test, target: Target, options: LinkOptions = {}): Linked {
  const odd = { garbage: 0, unknown: 0, invalid: 0, refused: 0, late: 0, flood: 0 };
  const resolve: ResolveName =
    options.resolve ??
    (async () => {
      throw new Error('no such name');
    });
  const make = connectorFactory({
    guard: new Guard({ policy: new AddressPolicy(options.allow ?? ['loopback']), resolve }),
    clock: new SystemClock(),
    count: (what, times = 1) => (odd[what] += times),
    log: { warn: () => undefined, error: (fields) => t.fail('logged', fields) },
    problemOf: (error) => ({ type: `/problems/${error instanceof DomainError ? error.kind : 'internal'}` }),
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  const linked: Omit<Linked, 'connector'> = {
    lost: [],
    batches: [],
    requests: [],
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
    async request(request) {
      linked.requests.push(request);
      return linked.onRequest(request);
    },
    relay: (message) => void linked.relayed.push(message),
  };
  const connector = make(target, events);
  t.teardown(() => connector.close());
  return Object.assign(linked, { connector });
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
