import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Counts the requests being answered, so that shutdown can wait for their last bytes. */
export class InFlight {
  readonly #server: Server;
  #count = 0;
  #idle: () => void = () => undefined;

  constructor(server: Server) {
    this.#server = server;
    // One shared listener. `once` would create two functions per response, and a response closes only once anyway.
    const closed = () => {
      this.#count -= 1;
      if (this.#count === 0) this.#idle();
    };
    server.on('request', (_request, res) => {
      this.#count += 1;
      res.on('close', closed);
    });
  }

  /** Accepts no more connections; open ones stay. */
  stopAccepting(): void {
    // http's own close() would cut connections whose last reply is written but not yet sent.
    if (this.#server.listening) NetServer.prototype.close.call(this.#server);
  }

  /** Waits up to `ms` until the last reply is sent, then cuts every connection. */
  async end(ms: number): Promise<void> {
    if (this.#count > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      await Promise.race([idle, sleep(ms, undefined, { ref: false })]);
    }
    this.#server.closeAllConnections();
  }
}
