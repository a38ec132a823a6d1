import { freePort } from './free-port.ts';
import type { Authority, KeyPair } from './authority.ts';
import type { Owner } from './program.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

export interface TlsServer extends RedisServer {
  /** Where it speaks TLS; at its other port it does not. */
  readonly tlsPort: number;
}

export interface TlsServerOptions {
  /** What it shows; one that the authority makes when left out. */
  readonly shows?: KeyPair;
  /** Whether a client has to show a certificate of the authority. */
  readonly clients?: 'yes' | 'no';
  readonly args?: readonly string[];
}

/** A real redis-server that speaks TLS, with a certificate of `authority`. */
export async function startTlsRedis(
  t: Owner,
  authority: Authority,
  { shows = authority.issue('server'), clients = 'no', args = [] }: TlsServerOptions = {},
): Promise<TlsServer> {
  const tlsPort = await freePort();
  const server = await startRedis(t, {
    args: ['--tls-port', String(tlsPort), ...tlsArgs(authority, shows, clients), ...args],
  });
  return Object.defineProperty(server, 'tlsPort', { value: tlsPort }) as TlsServer;
}

/** The arguments that name its files. */
export function tlsArgs(authority: Authority, { cert, key }: KeyPair, clients: 'yes' | 'no'): string[] {
  return [
    ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', authority.ca],
    ...['--tls-auth-clients', clients],
  ];
}
