import { sleep, withDeadline } from '../../concurrency/timeout.ts';
import { hasEndpoint, isLive } from '../../domain/compositor.ts';
import { DomainError } from '../../domain/errors.ts';
import { PeerRequestError, type PeerBus } from '../../domain/peer-bus.ts';
import type { Registry } from '../compositors/registry.ts';
import type { Supervisor } from '../connectors/supervisor.ts';
import {
  CommandService,
  notConnected,
  type CommandReply,
  type CommandRequest,
  type CommandServiceOptions,
} from './command-service.ts';

export interface CommandRouterOptions extends CommandServiceOptions {
  readonly registry: Registry;
  readonly connections: Pick<Supervisor, 'connectorOf' | 'isOpening' | 'holderOf'>;
  readonly peerBus: PeerBus;
}

const TOPIC = 'command';
/** Milliseconds after the command's own timeout for the holder's answer to reach this replica. */
const RETURN_TIME = 2000;
/** Milliseconds in which the replica where a compositor has just dialed in holds its connection. */
const CLAIM_TIME = 200;

type Message = CommandRequest & { readonly id: string };

/** Takes commands on any replica and passes each to the {@link CommandService} of the replica that holds the connection. */
export class CommandRouter {
  readonly #options: CommandRouterOptions;
  readonly #local: CommandService;
  #stop: () => void = () => undefined;

  constructor(options: CommandRouterOptions) {
    this.#options = options;
    this.#local = new CommandService(options);
  }

  /** Starts to take commands from other replicas. */
  start(): void {
    this.#stop = this.#options.peerBus.handle(TOPIC, (message, signal) => {
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
    const { registry, connections, peerBus } = this.#options;
    await registry.find(id);
    const isHere = connections.connectorOf(id) !== undefined || connections.isOpening(id);
    const holder = isHere ? peerBus.self : await connections.holderOf(id);
    try {
      return await this.#runAt(holder, id, request, clientGone);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'not-connected') throw error;
      const now = await this.#holderNow(id);
      if (now === undefined || now === holder) throw error;
      return this.#runAt(now, id, request, clientGone);
    }
  }

  /** The known holder may be some seconds old, and a link at another replica so new that nobody holds it yet. */
  async #holderNow(id: string): Promise<string | undefined> {
    const { registry, connections, clock } = this.#options;
    const holder = await connections.holderOf(id, true);
    const entry = registry.get(id);
    if (holder !== undefined || !entry || !isLive(entry) || hasEndpoint(entry)) return holder;
    await sleep(clock, CLAIM_TIME);
    return connections.holderOf(id, true);
  }

  async #runAt(
    holder: string | undefined,
    id: string,
    request: CommandRequest,
    clientGone: AbortSignal,
  ): Promise<CommandReply> {
    const { registry, peerBus, clock } = this.#options;
    if (holder === undefined) throw notConnected(id, registry.get(id));
    if (holder === peerBus.self) return this.#local.run(id, request, clientGone);
    const message: Message = { id, ...request };
    const ask = (deadline: AbortSignal) => peerBus.request(holder, TOPIC, message, deadline);
    try {
      const time = request.timeout * 1000 + RETURN_TIME;
      return (await withDeadline(clock, time, ask, clientGone)) as CommandReply;
    } catch (error) {
      if (!(error instanceof PeerRequestError)) throw error;
      if (error.why === 'undelivered') throw notConnected(id, registry.get(id));
      throw new DomainError('timed-out', 'the replica that is connected to it did not answer', {
        cause: error,
      });
    }
  }
}
