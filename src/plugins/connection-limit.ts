import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { clientGroup } from '../domain/client-group.ts';
import { UseLimit } from '../services/access/use-limit.ts';

/** Limits the connections of each address. One more is closed at once: to answer it would cost what the limit is to save. */
export class ConnectionLimit {
  readonly #uses: UseLimit;

  constructor(most: number) {
    this.#uses = new UseLimit(most);
  }

  /** How many connections were closed for this. */
  get refused(): number {
    return this.#uses.refused;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const { remoteAddress } = socket;
      // It is gone already.
      if (remoteAddress === undefined) return;
      const release = this.#uses.take([clientGroup(remoteAddress)]);
      if (release) socket.once('close', release);
      else socket.destroy();
    });
  }
}
