import type { FastifyInstance } from 'fastify';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import type { ResolveName } from '../adapters/connectors/ip-address.ts';
import type { Backend } from '../backend.ts';
import type { LongWork } from '../concurrency/long-work.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../domain/clock.ts';
import type { MakeConnector } from '../domain/connector.ts';
import type { MemoryGuard } from '../domain/memory-guard.ts';
import type { ReloadCounts } from '../domain/reload-counts.ts';
import type { Store } from '../domain/store.ts';
import type { Tracer } from '../domain/tracer.ts';
import type { Worker } from '../domain/worker.ts';
import type { WarmUp } from '../plugins/warm-up.ts';
import type { StoreCalls } from '../services/manifest/measured-store.ts';
import type { StoreSize } from '../services/manifest/store-size.ts';

/** What the caller of the app knows of the process, and what tests put in place of the real thing. */
export interface Overrides {
  clock?: Clock;
  /** The app takes the store over, and closes it. */
  store?: Store;
  log?: LoggerOptions | DestinationStream;
  /** Instead of the real connectors. */
  make?: MakeConnector;
  /** Instead of the system's resolver. */
  resolve?: ResolveName;
  /** The variable NODE_OPTIONS, which only main.ts reads. */
  nodeOptions?: string | undefined;
  /** This process, when it is one of several that serve one address. */
  worker?: Worker;
  /** Called before the routes are added, for hooks that must see all of them. */
  register?: (server: FastifyInstance) => void;
}

/** What the sections after the first one have of the store. */
export interface Stores extends Backend {
  readonly calls: StoreCalls;
  readonly size: StoreSize;
}

/** What every section of the app is built with. */
export interface Context {
  readonly config: Config;
  readonly overrides: Overrides;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends a start that would run out of memory. */
  readonly memory: MemoryGuard;
  readonly version: string;
  readonly warmUp: WarmUp;
  /** Everything that takes long for a client, so that all of it together takes one slice of a turn. */
  readonly work: LongWork;
  readonly reloads: ReloadCounts;
  readonly tracer: Tracer;
  /** Says how the metrics are read, for who sends them somewhere. */
  readonly provideMetrics: (read: () => Promise<readonly object[]>) => void;
  /** Registers how to close what was just opened: the last opened is closed first. */
  readonly onClose: (close: () => Promise<void> | void) => void;
}
