import type { FastifyInstance } from 'fastify';
import { invalidFields } from './field-errors.ts';

const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/**
 * Parses JSON bodies without changing them: `__proto__` is an ordinary key (which the schema then rejects), bytes that are
 * not UTF-8 are an error, and an empty body counts as no body.
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

/** JSON with a newline at its end, so that a terminal shows the prompt on the next line. */
export function encodeJson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
