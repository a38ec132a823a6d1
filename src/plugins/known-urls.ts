import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nothing of the manifest changes: pages that may read may do this, too. For methods other than GET and HEAD. */
    isRead?: boolean;
  }
}

const READS: readonly string[] = ['GET', 'HEAD'];

interface KnownUrl {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
  /** Those that change nothing. */
  readonly reads: Set<string>;
}

/** Distinguishes unknown URLs (404) from known URLs with other methods (405), before the body is read. */
export class KnownUrls {
  readonly #urls: KnownUrl[] = [];

  /** Must be called before routes are added to `server`. */
  watch(server: FastifyInstance): void {
    const byUrl = new Map<string, KnownUrl>();
    server.addHook('onRoute', ({ url, method, config }) => {
      let known = byUrl.get(url);
      if (!known) {
        known = { pattern: patternOf(url), methods: new Set(), reads: new Set(READS) };
        byUrl.set(url, known);
        this.#urls.push(known);
      }
      for (const each of [method].flat()) {
        known.methods.add(each);
        if (config?.isRead) known.reads.add(each);
      }
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
    return [...new Set(this.#known(url).flatMap(({ methods }) => [...methods]))].sort();
  }

  /** Whether the method changes nothing at this URL. */
  isRead(url: string, method: string): boolean {
    return READS.includes(method) || this.#known(url).some(({ reads }) => reads.has(method));
  }

  #known(url: string) {
    const path = url.split('?', 1)[0]!;
    return this.#urls.filter(({ pattern }) => pattern.test(path));
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
