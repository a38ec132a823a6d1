import { createHash, randomUUID } from 'node:crypto';
import { sleep, withDeadline, withTimeout } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { Command, Connector } from '../../domain/connector.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError, invalid } from '../../domain/errors.ts';
import { httpCallOf } from '../../domain/http-call.ts';
import { IdempotencyKeys } from '../../domain/idempotency-keys.ts';
import type { Supervisor } from '../connectors/supervisor.ts';
import type { Replica } from '../manifest/replica.ts';
import { CommandExecutor, type CommandOutcome } from './command-executor.ts';

export interface CommandRequest {
  readonly command: string;
  /** Any JSON value. */
  readonly params?: unknown;
  /** Seconds. */
  readonly timeout: number;
  /** A compositor gets one command per key, once. */
  readonly key?: string;
}

/** A command that was sent, and its outcome. JSON, so that it can travel between replicas. */
export interface CommandResult {
  /** The id that the compositor got with the command. */
  readonly id: string;
  readonly sent: CommandOutcome;
  /** Seconds from sending it to the answer. */
  readonly took: number;
  /** The newest commit for this compositor meanwhile. */
  readonly cursor: Cursor | null;
}

export interface CommandReply {
  readonly result: CommandResult;
  /** The result belongs to an earlier request with the same key. */
  readonly replayed: boolean;
}

export interface CommandServiceOptions {
  readonly replica: Replica;
  readonly connections: Pick<Supervisor, 'connectorOf' | 'isOpening'>;
  readonly clock: Clock;
}

/** Clients may repeat a request for ten minutes; all remembered results fit in 32 MiB. */
const KEYS = { keys: 128, lasts: 600_000, bytes: 32 * 2 ** 20 };
/** Milliseconds between two looks whether a link that has just been opened is connected. */
const LOOK = 20;
/** Commands that wait for such links. */
const MAX_WAITING = 256;
const NEVER = new AbortController().signal;

/** Runs commands on the replica that holds the connection: in order, and at most once per key. */
export class CommandService {
  readonly #options: CommandServiceOptions;
  /** Commands that wait for a link to be connected. */
  #waiting = 0;
  /** A new connection starts with an empty queue and a closed circuit breaker. */
  readonly #executors = new WeakMap<Connector, CommandExecutor>();
  readonly #keys = new IdempotencyKeys<Promise<CommandResult>>(KEYS);

  constructor(options: CommandServiceOptions) {
    this.#options = options;
  }

  /** Throws when the command was certainly not sent. */
  async run(id: string, request: CommandRequest, clientGone: AbortSignal): Promise<CommandReply> {
    const { clock, replica } = this.#options;
    const { key, command, params } = request;
    const entry = replica.copy.manifest.compositor(id);
    const send = (commandId: string, gone: AbortSignal) => {
      const call = entry && httpCallOf(entry, command, params);
      const full = { id: commandId, command, ...(params !== undefined && { params }), ...(call && { call }) };
      return this.#send(id, full, request.timeout, gone);
    };
    if (key === undefined) return { result: await send(randomUUID(), clientGone), replayed: false };
    const fingerprint = fingerprintOf(id, key, request);
    const before = this.#keys.find(id, key, clock.monotonic());
    if (before) {
      if (before.fingerprint !== fingerprint)
        throw invalid('header', 'Idempotency-Key', 'was sent before, with another command');
      const late = () => new DomainError('timed-out', 'the first request with this key still runs');
      const result = await withTimeout(clock, request.timeout * 1000, before.value, late);
      return { result, replayed: true };
    }
    // The compositor gets the fingerprint as the command's id, and so recognises a repeat that comes through another replica.
    // The command runs even if its client leaves, because the client can come back with the key.
    const value = send(fingerprint, NEVER);
    this.#keys.begin(id, key, { fingerprint, value });
    try {
      const result = await value;
      this.#keys.end(id, key, Buffer.byteLength(JSON.stringify(result)), clock.monotonic());
      return { result, replayed: false };
    } catch (error) {
      this.#keys.forget(id, key);
      throw error;
    }
  }

  async #send(
    id: string,
    command: Command,
    timeout: number,
    clientGone: AbortSignal,
  ): Promise<CommandResult> {
    const { clock, replica } = this.#options;
    const { copy } = replica;
    let sentAt = 0;
    let before = copy.head;
    const run = async (deadline: AbortSignal) => {
      await this.#opened(id, () => deadline.aborted || clientGone.aborted);
      const connector = this.#connected(id);
      const beforeSending = () => {
        if (this.#connected(id) !== connector)
          throw new DomainError('not-connected', 'the connection was lost while the command waited');
        sentAt = clock.monotonic();
        before = copy.head;
      };
      return this.#executorOf(connector).run(command, beforeSending, deadline, clientGone);
    };
    const sent = await withDeadline(clock, timeout * 1000, run);
    const took = Math.round(clock.monotonic() - sentAt) / 1000;
    return { id: command.id, sent, took, cursor: copy.history.newestOf(id, before) ?? null };
  }

  /** Waits for a link that has just been opened here: its compositor counts on it from the first moment. */
  async #opened(id: string, isOver: () => boolean): Promise<void> {
    const { connections, clock } = this.#options;
    if (this.#waiting >= MAX_WAITING) return;
    this.#waiting += 1;
    while (connections.isOpening(id) && !isOver()) await sleep(clock, LOOK);
    this.#waiting -= 1;
  }

  #connected(id: string): Connector {
    const { replica, connections } = this.#options;
    const connector = connections.connectorOf(id);
    if (connector) return connector;
    if (connections.isOpening(id))
      throw new DomainError(
        'not-connected',
        `${JSON.stringify(id)} has just dialed in, and has not answered a health check yet`,
      );
    throw notConnected(id, replica.copy.manifest.compositor(id));
  }

  #executorOf(connector: Connector): CommandExecutor {
    let executor = this.#executors.get(connector);
    if (!executor) {
      executor = new CommandExecutor(connector, this.#options.clock);
      this.#executors.set(connector, executor);
    }
    return executor;
  }
}

/** Says why no command can be sent to `id`. */
export function notConnected(id: string, entry: Compositor | undefined): DomainError {
  const error = (why: string) => new DomainError('not-connected', `${JSON.stringify(id)} ${why}`);
  if (!entry) return error('is no longer registered');
  if (!entry.enabled) return error('is stopped (enabled: false)');
  const hasPlace = entry.address !== undefined && entry.protocol !== undefined;
  if (!hasPlace && entry.link === undefined)
    return error(
      'has no address and protocol, so that the daemon cannot connect to it, and has not dialed in',
    );
  return error('is not connected at present');
}

/** Names a command under its key: a repeat must have the same fingerprint. */
function fingerprintOf(id: string, key: string, { command, params }: CommandRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([id, key, command, params ?? null]))
    .digest('base64url')
    .slice(0, 22);
}
