import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ConnectorError } from '../../domain/connector.ts';
import type { Guard } from './guard.ts';
import type { IpAddress } from './ip-address.ts';

export interface GuardedAgentOptions {
  readonly guard: Guard;
  readonly secure: boolean;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string | undefined;
  /** The most connections to one origin. */
  readonly connections?: number;
  /** Milliseconds for which an unused connection is kept; without it, none is. */
  readonly keepAlive?: number;
}

/** What Node asks its agent for. */
interface Wanted {
  readonly host: string;
  readonly port: number | string;
  readonly servername?: string;
}
type Done = (error: Error | null, socket?: Socket) => void;

/** An agent that connects to checked addresses only. TLS verifies the certificate for the registered name. */
export function guardedAgent(options: GuardedAgentOptions): HttpAgent {
  const { guard, secure, ca, connections, keepAlive } = options;
  const Agent = secure ? HttpsAgent : HttpAgent;
  const agent = new Agent({
    keepAlive: keepAlive !== undefined,
    ...(keepAlive !== undefined && { timeout: keepAlive }),
    ...(connections !== undefined && { maxSockets: connections }),
  });
  const open = (wanted: Wanted, addresses: readonly IpAddress[]): Socket => {
    const port = Number(wanted.port);
    const to = { host: wanted.host, port, lookup: lookupOf(addresses) };
    if (!secure) return connect({ ...to, noDelay: true });
    const { servername = '' } = wanted;
    const socket = connectTls({
      ...to,
      servername,
      ALPNProtocols: ['http/1.1'],
      ...(ca !== undefined && { ca }),
    });
    return socket.setNoDelay(true);
  };
  const createConnection = (wanted: Wanted, done: Done) => {
    guard.admit(wanted.host, Number(wanted.port)).then(
      ({ addresses, release }) => {
        const socket = open(wanted, addresses);
        socket.once('close', release);
        done(null, socket);
      },
      (error: unknown) => done(error as Error),
    );
  };
  return Object.assign(agent, { createConnection });
}

/** Answers with `addresses`, which were checked: a lookup of its own could find others (DNS rebinding). */
export function lookupOf(addresses: readonly IpAddress[]): LookupFunction {
  return (host, { family, all }, done) => {
    const wanted = addresses.filter((each) => !family || each.family === family);
    const [first] = wanted;
    if (!first) done(new ConnectorError('unreachable', `${host} has no such address`), []);
    else if (all) done(null, [...wanted]);
    else done(null, first.address, first.family);
  };
}
