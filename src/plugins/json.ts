import { errorCodes, type FastifyInstance } from 'fastify';
import { hasBody } from './body-timeout.ts';
import { invalidFields } from './field-errors.ts';

const MEDIA_TYPE = /^[^\s/;,]+\/[^\s/;,]+/;
const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/**
 * Parses JSON bodies without changing them: `__proto__` is an ordinary key (which the schema then rejects), bytes that are
 * not UTF-8 are an error, and an empty body of any type counts as no body.
 */
export function addJsonBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  // Clients such as axios and curl name a type for every PUT and DELETE.
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (!hasBody(request.raw)) delete headers['content-type'];
    // Fastify would refuse a malformed type before it is known whether the body is empty.
    else if (!MEDIA_TYPE.test(headers['content-type'] ?? 'a/b'))
      headers['content-type'] = 'application/octet-stream';
    done();
  });
  server.addContentTypeParser('*', (request, payload, done) => {
    const refuse = () => done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
    if (request.headers['content-length'] !== undefined) return refuse();
    // Only its end shows that a chunked body is empty.
    const end = () => done(null, undefined);
    payload.once('end', end).once('error', refuse);
    payload.once('data', () => {
      payload.off('end', end).off('error', refuse);
      refuse();
    });
  });
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
