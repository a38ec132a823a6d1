import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';

/** The requests that are being answered, so that the end of the daemon can wait for their last bytes. */
export class InFlight {
  readonly #server: Server;
  #count = 0;
  #idle: () => void = () => undefined;

  constructor(server: Server) {
    this.#server = server;
    // One function for all of them, and no `once`, which would make two for each: a response closes only once.
    const closed = () => {
      this.#count -= 1;
      if (this.#count === 0) this.#idle();
    };
    server.on('request', (_request, res) => {
      this.#count += 1;
      res.on('close', closed);
    });
  }

  /** Takes no more connections, without a look at those there are. */
  stopAccepting(): void {
    // Not http's own close(): it cuts connections whose last reply was written but has not gone out yet.
    if (this.#server.listening) NetServer.prototype.close.call(this.#server);
  }

  /** Resolves when the last reply has gone out, or after `ms`; then every connection is cut. */
  async end(ms: number): Promise<void> {
    if (this.#count > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#idle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#server.closeAllConnections();
  }
}
