import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';

/** Distinguishes unknown URLs (404) from known URLs with other methods (405), before the body is read. */
export class KnownUrls {
  readonly #urls: { pattern: RegExp; methods: Set<string> }[] = [];

  /** Must be called before routes are added to `server`. */
  watch(server: FastifyInstance): void {
    const byUrl = new Map<string, Set<string>>();
    server.addHook('onRoute', ({ url, method }) => {
      let methods = byUrl.get(url);
      if (!methods) {
        byUrl.set(url, (methods = new Set()));
        this.#urls.push({ pattern: patternOf(url), methods });
      }
      for (const each of [method].flat()) methods.add(each);
    });
    server.addHook('onRequest', (request, reply, done) => {
      if (!request.is404) return done();
      const methods = this.methodsOf(request.url);
      if (methods.length === 0) return done(new DomainError('not-found', 'there is nothing at this URL'));
      reply.header('allow', methods.join(', '));
      done(new DomainError('method-not-allowed', `${request.method} is not one of ${methods.join(', ')}`));
    });
  }

  /** The methods of a URL, sorted; empty for an unknown URL. */
  methodsOf(url: string): string[] {
    const path = url.split('?', 1)[0]!;
    const found = this.#urls.filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${source}$`, 's');
}
