import type { Clock } from '../../domain/clock.ts';
import type { Connector } from '../../domain/connector.ts';
import { DomainError } from '../../domain/errors.ts';
import { PeerRequestError, type PeerBus } from '../../domain/peer-bus.ts';
import type { Registry } from '../compositors/registry.ts';
import type { Replica } from '../manifest/replica.ts';
import { CommandService, notConnected, type Answered, type CommandRequest } from './command-service.ts';
import { deadlineOf } from './deadline.ts';

/** Who holds the link to a compositor. */
export interface ConnectionDirectory {
  /** The connector of `id`, when this replica holds it and it is connected. */
  connectorOf(id: string): Connector | undefined;
  /** The replica that holds the connector of `id`, as `Post` names it; `fresh`: as of now. Throws `store-unavailable`. */
  holderOf(id: string, fresh?: boolean): Promise<string | undefined>;
}

const TOPIC = 'command';
/** Milliseconds that the holder's word has after the deadline, to come back to the replica that asked. */
const WAY_BACK = 2000;

interface Message extends CommandRequest {
  readonly id: string;
}

/** Carries commands to compositors, from whichever replica was asked to the {@link CommandService} of the one that holds the link. */
export class CommandRouter {
  readonly #registry: Registry;
  readonly #links: ConnectionDirectory;
  readonly #peerBus: PeerBus;
  readonly #clock: Clock;
  readonly #desk: CommandService;
  #stop: () => void = () => undefined;

  constructor(options: {
    replica: Replica;
    registry: Registry;
    links: ConnectionDirectory;
    peerBus: PeerBus;
    clock: Clock;
  }) {
    const { replica, links, clock } = options;
    this.#registry = options.registry;
    this.#links = links;
    this.#peerBus = options.peerBus;
    this.#clock = clock;
    this.#desk = new CommandService({ replica, clock, connectorOf: (id) => links.connectorOf(id) });
  }

  /** From now on the other replicas may ask. */
  start(): void {
    this.#stop = this.#peerBus.handle(TOPIC, (message, signal) => {
      const { id, ...request } = message as Message;
      return this.#desk.run(id, request, signal);
    });
  }

  stop(): void {
    this.#stop();
  }

  /**
   * What is thrown was surely not sent, but for `timed-out`. `gone` fires when the caller has left: a command that waits in
   * line is then not sent, unless it has a key with which its caller can come back.
   */
  async run(id: string, request: CommandRequest, gone: AbortSignal): Promise<Answered> {
    await this.#registry.find(id);
    const holder = this.#links.connectorOf(id) ? this.#peerBus.self : await this.#links.holderOf(id);
    try {
      return await this.#at(holder, id, request, gone);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'not-connected') throw error;
      // What was remembered of who holds the link may be some seconds old.
      const now = await this.#links.holderOf(id, true);
      if (now === undefined || now === holder) throw error;
      return this.#at(now, id, request, gone);
    }
  }

  async #at(
    holder: string | undefined,
    id: string,
    request: CommandRequest,
    gone: AbortSignal,
  ): Promise<Answered> {
    if (holder === undefined) throw notConnected(id, this.#registry.get(id));
    if (holder === this.#peerBus.self) return this.#desk.run(id, request, gone);
    const { signal, end } = deadlineOf(this.#clock, request.timeout * 1000 + WAY_BACK);
    try {
      const message: Message = { id, ...request };
      return (await this.#peerBus.request(
        holder,
        TOPIC,
        message,
        AbortSignal.any([signal, gone]),
      )) as Answered;
    } catch (error) {
      if (!(error instanceof PeerRequestError)) throw error;
      if (error.why === 'undelivered') throw notConnected(id, this.#registry.get(id));
      throw new DomainError('timed-out', 'the replica that is connected to it did not answer', {
        cause: error,
      });
    } finally {
      end();
    }
  }
}
