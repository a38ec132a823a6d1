import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../domain/logger.ts';

interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
}

/**
 * Where the HTTP server listens. `localhost` is often two addresses, ::1 and 127.0.0.1. Fastify makes a second HTTP server
 * for the second, which knows nothing of our listeners: its requests were cut off at shutdown. Here, every further address
 * hands its connections to the one HTTP server.
 */
export class Listener {
  readonly #server: FastifyInstance;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #localhost: () => Promise<string[]>;
  readonly #further: Server[] = [];

  /** `localhost`: the addresses of that name which this machine has, at least one. */
  constructor(options: {
    server: FastifyInstance;
    log: Pick<Logger, 'warn'>;
    localhost?: () => Promise<string[]>;
  }) {
    this.#server = options.server;
    this.#log = options.log;
    this.#localhost = options.localhost ?? localAddresses;
  }

  /** Resolves to the address, such as `http://127.0.0.1:8760`. */
  async listen({ host, port, backlog }: ListenOptions): Promise<string> {
    if (host !== 'localhost') return this.#server.listen({ host, port, backlog });
    const [first, ...rest] = await this.#localhost();
    await this.#server.listen({ host: first!, port, backlog });
    const { port: chosen } = this.#server.server.address() as AddressInfo;
    for (const address of rest) await this.#listenAlso(address, chosen, backlog);
    return `http://localhost:${chosen}`;
  }

  /** Accepts no more connections at the further addresses; open ones stay. */
  stopAccepting(): void {
    for (const each of this.#further) each.close();
  }

  async #listenAlso(host: string, port: number, backlog: number): Promise<void> {
    // As Node opens the sockets of an HTTP server.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#server.server.emit('connection', socket);
    });
    server.listen({ host, port, backlog });
    try {
      await once(server, 'listening');
      server.on('error', () => undefined);
      this.#further.push(server);
    } catch (error) {
      this.#log.warn({ err: error, host, port }, 'cannot listen on this address of localhost');
    }
  }
}

async function localAddresses(): Promise<string[]> {
  const all = await lookup('localhost', { all: true });
  const usable: string[] = [];
  for (const { address } of all)
    if (!usable.includes(address) && (await canListen(address))) usable.push(address);
  return usable.length > 0 ? usable : [all[0]!.address];
}

/** /etc/hosts often names ::1 where IPv6 is switched off. */
async function canListen(host: string): Promise<boolean> {
  // By itself: the primary of several workers would hand connections of ours to it.
  const probe = createServer().listen({ host, port: 0, exclusive: true });
  try {
    await once(probe, 'listening');
    probe.close();
    return true;
  } catch {
    return false;
  }
}
