import { PeerRequestError, type PeerBus } from '../../src/domain/peer-bus.ts';
import type { Process } from './agenda.ts';
import type { World } from './world.ts';

type Handler = Parameters<PeerBus['handle']>[1];

/** One life of one daemon among the others: messages take their time, come in any order, and get lost, and their readers die. */
export class SimPeerBus implements PeerBus {
  readonly self: string;
  readonly #world: World;
  readonly #process: Process;
  readonly #handlers = new Map<string, Handler>();

  constructor(world: World, process: Process, self: string) {
    this.#world = world;
    this.#process = process;
    this.self = self;
    world.peers.set(self, this);
  }

  handle(topic: string, handler: Handler): () => void {
    this.#handlers.set(topic, handler);
    return () => this.#handlers.delete(topic);
  }

  request(to: string, topic: string, message: unknown, signal: AbortSignal): Promise<unknown> {
    const { agenda, random, profile, peace } = this.#world;
    const travel = () => random.spread(profile.latency);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new PeerRequestError('unanswered', 'no answer in time')));
      const peer = this.#world.peers.get(to);
      if (!peer || peer.#process.dead) {
        const nobody = () => reject(new PeerRequestError('undelivered', `${to} is not there`));
        agenda.after(travel(), this.#process, nobody);
        return;
      }
      const luck = peace ? 1 : random.next();
      // Half of those that get lost are done all the same.
      if (luck < profile.loss / 2) return;
      agenda.after(travel(), peer.#process, () => {
        void peer.#answer(topic, copyOf(message), signal).then((answer) => {
          if (luck >= profile.loss) agenda.after(travel(), this.#process, () => resolve(copyOf(answer)));
        }, reject);
      });
    });
  }

  // Nothing in a simulation is sent to all.
  publish(): void {}

  hint(): void {}

  subscribe(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.#handlers.clear();
  }

  async #answer(topic: string, message: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#handlers.get(topic)?.(message, signal);
  }
}

/** As it would be read from a socket. */
function copyOf(message: unknown): unknown {
  return message === undefined ? undefined : (JSON.parse(JSON.stringify(message)) as unknown);
}
