import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isLoopback } from '../domain/loopback.ts';
import { invalidFields } from './field-errors.ts';

const OWN = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * On loopback, answers only to its own names and those in `hosts`: a web page may give a name of its own our address
 * (DNS rebinding) and would then be same-origin with us.
 */
export function addHostCheck(server: FastifyInstance, listenHost: string, hosts: readonly string[]): void {
  const served = isLoopback(listenHost)
    ? new Set([...OWN, ...hosts.map((host) => host.toLowerCase())])
    : undefined;
  server.addHook('onRequest', (request, _reply, done) => {
    const { host } = request.headers;
    if (served) {
      if (host !== undefined && served.has(nameOf(host))) return done();
      const text =
        host === undefined ? 'the request names no Host' : `${JSON.stringify(host)} is not served here`;
      return done(new DomainError('misdirected', text));
    }
    // HTTP/1.1 demands it (RFC 9112); Node leaves it to us because the check above must come first.
    if (host === undefined && request.raw.httpVersion === '1.1')
      return done(invalidFields([{ in: 'header', field: 'Host', detail: 'is missing' }]));
    done();
  });
}

/** `localhost:8760` -> `localhost`; `[::1]:8760` -> `[::1]`. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:[0-9]*$/, '');
}
