import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isLoopback } from '../domain/loopback.ts';
import { invalidFields } from './field-errors.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * On loopback, answers only requests for the loopback names and those in `hosts`. Otherwise a web page could point a name
 * of its own at our address (DNS rebinding), and the browser would treat it as same-origin with us.
 */
export function addHostCheck(server: FastifyInstance, listenHost: string, hosts: readonly string[]): void {
  const served = isLoopback(listenHost)
    ? new Set([...LOOPBACK_NAMES, ...hosts.map((host) => host.toLowerCase())])
    : undefined;
  server.addHook('onRequest', (request, _reply, done) => {
    const { host } = request.headers;
    if (served) {
      if (host !== undefined && served.has(withoutPort(host))) return done();
      const text =
        host === undefined ? 'the request names no Host' : `${JSON.stringify(host)} is not served here`;
      return done(new DomainError('misdirected', text));
    }
    // HTTP/1.1 requires it (RFC 9112). Node does not check it for us, because the rule above answers 421 instead.
    if (host === undefined && request.raw.httpVersion === '1.1')
      return done(invalidFields([{ in: 'header', field: 'Host', detail: 'is missing' }]));
    done();
  });
}

/** `localhost:8760` -> `localhost`; `[::1]:8760` -> `[::1]`. */
function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:[0-9]*$/, '');
}
