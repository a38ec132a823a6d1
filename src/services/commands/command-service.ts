import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { Connector } from '../../domain/connector.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError, invalid } from '../../domain/errors.ts';
import { IdempotencyKeys } from '../../domain/idempotency-keys.ts';
import type { Replica } from '../manifest/replica.ts';
import { deadlineOf } from './deadline.ts';
import { CommandExecutor, type CommandOutcome } from './command-executor.ts';

export interface CommandRequest {
  readonly command: string;
  /** Any JSON value. */
  readonly params?: unknown;
  /** Seconds. */
  readonly timeout: number;
  /** Under one key a compositor is sent one command, once. */
  readonly key?: string;
}

/** A command that was sent, and what came of it. JSON, so that it travels between replicas. */
export interface CommandResult {
  /** What the compositor knows the command by. */
  readonly id: string;
  readonly sent: CommandOutcome;
  /** Seconds from sending it to the answer. */
  readonly took: number;
  /** The newest commit for this compositor meanwhile. */
  readonly cursor: Cursor | null;
}

export interface Answered {
  readonly result: CommandResult;
  /** It is the result of an earlier request with the same key. */
  readonly replayed: boolean;
}

/** A key is worth remembering for as long as its caller may try again; all that is remembered fits in 32 MiB. */
const KEYS = { keys: 128, lasts: 600_000, bytes: 32 * 2 ** 20 };

/** Where commands are sent from: the replica that holds the connector. In order, and at most once a key. */
export class CommandService {
  readonly #replica: Replica;
  readonly #connectorOf: (id: string) => Connector | undefined;
  readonly #clock: Clock;
  /** With the connector its line goes, and what is held against it: a new link is a new start. */
  readonly #lanes = new WeakMap<Connector, CommandExecutor>();
  readonly #keys = new IdempotencyKeys<Promise<CommandResult>>(KEYS);

  constructor(options: {
    replica: Replica;
    connectorOf: (id: string) => Connector | undefined;
    clock: Clock;
  }) {
    this.#replica = options.replica;
    this.#connectorOf = options.connectorOf;
    this.#clock = options.clock;
  }

  /** What is thrown was surely not sent. `gone`: the caller has left. */
  async run(id: string, request: CommandRequest, gone: AbortSignal): Promise<Answered> {
    const { key } = request;
    if (key === undefined)
      return { result: await this.#send(id, randomUUID(), request, gone), replayed: false };
    const fingerprint = fingerprintOf(id, key, request);
    const before = this.#keys.find(id, key, this.#clock.monotonic());
    if (before) {
      if (before.fingerprint !== fingerprint)
        throw invalid('header', 'Idempotency-Key', 'was sent before, with another command');
      return { result: await this.#within(request.timeout, before.value), replayed: true };
    }
    // The fingerprint names it to the compositor too, which can so tell a repeat that comes by way of another replica. Its
    // caller may leave: it can come back with the key.
    const value = this.#send(id, fingerprint, request, new AbortController().signal);
    this.#keys.begin(id, key, { fingerprint, value });
    try {
      const result = await value;
      this.#keys.end(id, key, Buffer.byteLength(JSON.stringify(result)), this.#clock.monotonic());
      return { result, replayed: false };
    } catch (error) {
      this.#keys.forget(id, key);
      throw error;
    }
  }

  async #send(
    id: string,
    commandId: string,
    { command, params, timeout }: CommandRequest,
    gone: AbortSignal,
  ): Promise<CommandResult> {
    const connector = this.#connected(id);
    const { signal, end } = deadlineOf(this.#clock, timeout * 1000);
    let sentAt = 0;
    let before = this.#replica.head;
    try {
      const sent = await this.#laneOf(connector).run(
        { id: commandId, command, ...(params !== undefined && { params }) },
        () => {
          if (this.#connected(id) !== connector)
            throw new DomainError('not-connected', 'the link was lost while it waited in line');
          sentAt = this.#clock.monotonic();
          before = this.#replica.head;
        },
        signal,
        gone,
      );
      const took = Math.round(this.#clock.monotonic() - sentAt) / 1000;
      return { id: commandId, sent, took, cursor: this.#replica.history.newestOf(id, before) ?? null };
    } finally {
      end();
    }
  }

  #connected(id: string): Connector {
    const connector = this.#connectorOf(id);
    if (connector) return connector;
    throw notConnected(id, this.#replica.manifest.compositor(id));
  }

  #laneOf(connector: Connector): CommandExecutor {
    let lane = this.#lanes.get(connector);
    if (!lane) this.#lanes.set(connector, (lane = new CommandExecutor({ connector, clock: this.#clock })));
    return lane;
  }

  /** A repeat waits no longer than it asked to. */
  async #within(seconds: number, value: Promise<CommandResult>): Promise<CommandResult> {
    const { signal, end } = deadlineOf(this.#clock, seconds * 1000);
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () =>
        reject(new DomainError('timed-out', 'the first request with this key still runs')),
      );
    });
    try {
      return await Promise.race([value, late]);
    } finally {
      end();
    }
  }
}

/** Says why nothing can be sent to `id`. */
export function notConnected(id: string, entry: Compositor | undefined): DomainError {
  const refusal = (why: string) => new DomainError('not-connected', `${JSON.stringify(id)} ${why}`);
  if (!entry) return refusal('has gone');
  if (!entry.enabled) return refusal('is stopped (enabled: false)');
  if (entry.address === undefined || entry.protocol === undefined)
    return refusal('has no address and protocol: it can only be listened to');
  return refusal('has no connection now');
}

/** Names a command under a key: who repeats it sends the same. */
function fingerprintOf(id: string, key: string, { command, params }: CommandRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([id, key, command, params ?? null]))
    .digest('base64url')
    .slice(0, 22);
}
