import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { sessionCookie } from '../plugins/session-cookie.ts';
import { closed, NoQuery } from './parameters.ts';
import { empty, openReplies } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const SessionBody = Type.Object(
  {
    token: Type.String({
      pattern: '^[A-Za-z0-9._~+/-]+=*$',
      maxLength: 4096,
      description: 'A token with the scope `read`.',
      examples: ['cmp_7XJ0kqExample'],
    }),
  },
  closed,
);
const tags = ['operation'];

/**
 * `/session`: a cookie for web pages, because an EventSource cannot send a token and URLs must not contain one. The cookie
 * holds the token itself, so that every replica accepts it and it ends with the token. It permits reading only.
 */
export const sessionRoutes: Routes<'tokens' | 'about'> = (server, { tokens, about }, done) => {
  const path = about.base === '' ? '/' : about.base;

  server.post(
    '/session',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'beginSession',
        summary: 'Start a read-only browser session',
        description:
          'Sets a cookie that lets the requests of the browser, including its EventSource, read and nothing else.',
        tags,
        querystring: NoQuery,
        body: SessionBody,
        response: openReplies(
          { 204: empty('The cookie is set.') },
          'invalid-request',
          'unauthorized',
          'forbidden',
          'too-large',
          'unsupported-media-type',
        ),
      },
    },
    async (request, reply) => {
      const { token } = request.body;
      if (!tokens.find(token)) {
        reply.header('www-authenticate', 'Bearer realm="compositord", error="invalid_token"');
        throw new DomainError('unauthorized', 'this token is not known here');
      }
      return reply
        .header('set-cookie', sessionCookie(token, { path, secure: request.protocol === 'https' }))
        .header('cache-control', 'no-store')
        .code(204)
        .send();
    },
  );

  server.delete(
    '/session',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'endSession',
        summary: 'End the browser session',
        tags,
        querystring: NoQuery,
        response: openReplies(
          { 204: empty('The cookie is deleted.') },
          'invalid-request',
          'forbidden',
          'too-large',
          'unsupported-media-type',
        ),
      },
    },
    async (request, reply) =>
      reply
        .header('set-cookie', sessionCookie(undefined, { path, secure: request.protocol === 'https' }))
        .header('cache-control', 'no-store')
        .code(204)
        .send(),
  );
  done();
};
