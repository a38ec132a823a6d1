import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isLoopback } from '../domain/loopback.ts';
import { invalidFields } from './field-errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route has no data, and answers to every host name: an orchestrator probes by the address of the container. */
    anyHost?: boolean;
  }
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** A name, an IPv4 address or a bracketed IPv6 address, with or without a port; empty for a target without an authority. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|[^\0-\x7f])*)(?::[0-9]*)?$/;

/**
 * Refuses requests whose host is missing, given twice or malformed, as RFC 9112 (3.2) wants it. On loopback, and
 * wherever `hosts` is set, also answers only requests for the loopback names and those in `hosts`. Otherwise a web page could
 * point a name of its own at our address (DNS rebinding), and the browser would treat it as same-origin with us.
 */
export function addHostCheck(server: FastifyInstance, listenHost: string, hosts: readonly string[]): void {
  const served =
    isLoopback(listenHost) || hosts.length > 0
      ? new Set([...LOOPBACK_NAMES, ...hosts.map((host) => host.toLowerCase())])
      : undefined;
  server.addHook('onRequest', (request, _reply, done) => {
    const { host } = request.headers;
    const problem = hostProblem(request.raw, host);
    if (problem !== undefined) return done(invalidFields([{ in: 'header', field: 'Host', detail: problem }]));
    // Health checks of HTTP/1.0 name no host. No browser speaks it, so no page can rebind its way in by it.
    if (host === undefined || !served || served.has(withoutPort(host))) return done();
    if (request.routeConfig.anyHost) return done();
    done(new DomainError('misdirected', `${JSON.stringify(host)} is not served here`));
  });
}

function hostProblem(request: IncomingMessage, host: string | undefined): string | undefined {
  if (host === undefined) return request.httpVersion === '1.1' ? 'is missing' : undefined;
  if (countOfHosts(request.rawHeaders) > 1) return 'is there more than once';
  return HOST.test(host) ? undefined : 'is not a host name or address';
}

/** Node keeps the first of several; a proxy in front may have used another one. */
function countOfHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** `localhost:8760` -> `localhost`; `[::1]:8760` -> `[::1]`. */
function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:[0-9]*$/, '');
}
