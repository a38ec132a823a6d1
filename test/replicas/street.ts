import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Test } from 'tap';

/** Many compositors at one port, each at an address of its own, 127.1.0.1 and on. */
export class Street {
  readonly ids: readonly string[];
  readonly #server: Server;
  readonly #sockets = new Map<string, Set<Socket>>();
  /** How often each was asked how it is, by address. */
  readonly #asked = new Map<string, number>();

  private constructor(count: number) {
    this.ids = Array.from({ length: count }, (_, i) => `house-${i + 1}`);
    this.#server = createServer((request, response) => {
      const address = request.socket.localAddress!;
      if (request.url === '/health') this.#asked.set(address, this.asked(address) + 1);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ house: address }));
    });
    this.#server.on('connection', (socket) => {
      const address = socket.localAddress!;
      const open = this.#sockets.get(address) ?? new Set();
      this.#sockets.set(address, open.add(socket));
      socket.on('error', () => undefined);
      socket.once('close', () => open.delete(socket));
    });
    // Longer than any interval: the daemon keeps the connection of its probes.
    this.#server.keepAliveTimeout = 300_000;
  }

  static async start(t: Test, count: number): Promise<Street> {
    const street = new Street(count);
    street.#server.listen(0, '0.0.0.0');
    await once(street.#server, 'listening');
    t.teardown(() => {
      street.#server.closeAllConnections();
      street.#server.close();
    });
    return street;
  }

  /** What the one called `id` says of itself when it registers. */
  describe(id: string) {
    const { port } = this.#server.address() as AddressInfo;
    return { name: id, ttl: 3600, protocol: 'http', address: this.addressOf(id), port };
  }

  addressOf(id: string): string {
    const number = Number(id.split('-')[1]);
    return `127.1.${number >> 8}.${number & 255}`;
  }

  asked(address: string): number {
    return this.#asked.get(address) ?? 0;
  }

  /** How many connections each has now. */
  connections(): number[] {
    return this.ids.map((id) => this.#sockets.get(this.addressOf(id))?.size ?? 0);
  }
}
