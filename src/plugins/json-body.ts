import type { FastifyInstance } from 'fastify';
import { invalidFields } from './field-errors.ts';

const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/**
 * Reads JSON bodies as they are: `__proto__` is a key like another (the grammar then refuses it), bytes that are not
 * UTF-8 are refused and not replaced, and an empty body is none.
 */
export function addJsonBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  server.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(utf8.decode(body as Buffer)));
    } catch (error) {
      const why = error instanceof SyntaxError ? 'is not JSON' : 'is not UTF-8';
      done(invalidFields([{ in: 'body', field: '', detail: why }]));
    }
  });
}
