import { Deadline } from '../../concurrency/deadline.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Connector } from '../../domain/connector.ts';
import { DomainError } from '../../domain/errors.ts';
import { PeerRequestError, type PeerBus } from '../../domain/peer-bus.ts';
import type { Registry } from '../compositors/registry.ts';
import type { Replica } from '../manifest/replica.ts';
import { CommandService, notConnected, type CommandReply, type CommandRequest } from './command-service.ts';

/** Knows which replica holds which connection. */
export interface ConnectionDirectory {
  /** The connector of `id`, when this replica holds it and it is connected. */
  connectorOf(id: string): Connector | undefined;
  /** The peer-bus name of the replica that holds the connection to `id`; `fresh`: as of now. Throws `store-unavailable`. */
  holderOf(id: string, fresh?: boolean): Promise<string | undefined>;
}

const TOPIC = 'command';
/** Milliseconds after the command's own timeout for the holder's answer to reach this replica. */
const RETURN_TIME = 2000;

interface Message extends CommandRequest {
  readonly id: string;
}

/** Takes commands on any replica and passes each to the {@link CommandService} of the replica that holds the connection. */
export class CommandRouter {
  readonly #registry: Registry;
  readonly #connections: ConnectionDirectory;
  readonly #peerBus: PeerBus;
  readonly #clock: Clock;
  readonly #local: CommandService;
  #stop: () => void = () => undefined;

  constructor(options: {
    replica: Replica;
    registry: Registry;
    connections: ConnectionDirectory;
    peerBus: PeerBus;
    clock: Clock;
  }) {
    const { replica, connections, clock } = options;
    this.#registry = options.registry;
    this.#connections = connections;
    this.#peerBus = options.peerBus;
    this.#clock = clock;
    this.#local = new CommandService({ replica, clock, connectorOf: (id) => connections.connectorOf(id) });
  }

  /** Starts to take commands from other replicas. */
  start(): void {
    this.#stop = this.#peerBus.handle(TOPIC, (message, signal) => {
      const { id, ...request } = message as Message;
      return this.#local.run(id, request, signal);
    });
  }

  stop(): void {
    this.#stop();
  }

  /**
   * Throws when the command was certainly not sent, except for `timed-out`, which does not tell. When `clientGone` fires, a
   * command that still waits is not sent, unless it has a key with which its client can come back.
   */
  async run(id: string, request: CommandRequest, clientGone: AbortSignal): Promise<CommandReply> {
    await this.#registry.find(id);
    const holder = this.#connections.connectorOf(id)
      ? this.#peerBus.self
      : await this.#connections.holderOf(id);
    try {
      return await this.#runAt(holder, id, request, clientGone);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'not-connected') throw error;
      // The known holder may be some seconds old.
      const now = await this.#connections.holderOf(id, true);
      if (now === undefined || now === holder) throw error;
      return this.#runAt(now, id, request, clientGone);
    }
  }

  async #runAt(
    holder: string | undefined,
    id: string,
    request: CommandRequest,
    clientGone: AbortSignal,
  ): Promise<CommandReply> {
    if (holder === undefined) throw notConnected(id, this.#registry.get(id));
    if (holder === this.#peerBus.self) return this.#local.run(id, request, clientGone);
    const deadline = new Deadline(this.#clock, request.timeout * 1000 + RETURN_TIME, clientGone);
    const message: Message = { id, ...request };
    try {
      return (await this.#peerBus.request(holder, TOPIC, message, deadline.signal)) as CommandReply;
    } catch (error) {
      if (!(error instanceof PeerRequestError)) throw error;
      if (error.why === 'undelivered') throw notConnected(id, this.#registry.get(id));
      throw new DomainError('timed-out', 'the replica that is connected to it did not answer', {
        cause: error,
      });
    } finally {
      deadline.clear();
    }
  }
}
