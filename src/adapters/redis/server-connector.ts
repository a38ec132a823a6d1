import { createConnection, type Socket } from 'node:net';
import { setTimeout as delayed } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import type { RedisDeployment } from '../../domain/redis-access.ts';
import { STORE_TIMEOUT } from '../../domain/store.ts';
import { NoAnswer } from './redis-errors.ts';
import { serverLookup, type Endpoint } from './server-lookup.ts';
import { tlsOptions } from './tls-options.ts';

/** Milliseconds: less than a connection as a whole has. */
const HANDSHAKE_TIMEOUT = STORE_TIMEOUT * 0.75;

interface ServerConnectorOptions {
  /** Any of our keys: they share one slot of a cluster. */
  readonly key: string;
  /** Milliseconds to wait after the n-th attempt to find the server; undefined: there is only one attempt. */
  readonly delay: ((attempt: number) => number) | undefined;
  /** Milliseconds that a connection which we leave has for answers still on their way. */
  readonly disconnectTimeout: number;
}

/**
 * Makes what ioredis connects with: to the server that holds our keys now, wherever the deployment says that is, with the files of TLS as
 * they are now.
 */
export function serverConnector(
  deployment: RedisDeployment,
  { key, delay, disconnectTimeout }: ServerConnectorOptions,
): new (options: unknown) => AbstractConnector {
  // ioredis takes only a subclass of its AbstractConnector here.
  class ServerConnector extends AbstractConnector {
    readonly #find = serverLookup(deployment, key);

    constructor() {
      super(disconnectTimeout);
    }

    async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      for (let attempt = 1; ; attempt++) {
        try {
          const endpoint = await this.#find();
          // disconnect() may have been called meanwhile.
          if (!(this.connecting as boolean)) throw new Error('Connection is closed.');
          const socket = open(endpoint, deployment);
          socket.once('error', (error) => (this.firstError = error));
          this.stream = socket;
          return socket;
        } catch (error) {
          // If it were thrown, ioredis would give up for good.
          if (!delay || !(this.connecting as boolean)) throw error;
          emit('error', error as Error);
          await delayed(delay(attempt));
        }
      }
    }
  }
  return ServerConnector;
}

function open(endpoint: Endpoint, { address, access }: RedisDeployment): Socket {
  if ('path' in endpoint || !address.tls) return createConnection(endpoint);
  const socket = connectTls({ ...endpoint, ...tlsOptions(endpoint.host, access) });
  // A server that does not speak TLS takes the handshake for half a command, and waits for the rest.
  socket.once('connect', () => {
    const silent = new NoAnswer('it does not answer the handshake of TLS; does it speak TLS at this port?');
    const timer = setTimeout(() => socket.destroy(silent), HANDSHAKE_TIMEOUT);
    for (const end of ['secureConnect', 'close']) socket.once(end, () => clearTimeout(timer));
  });
  return socket;
}
