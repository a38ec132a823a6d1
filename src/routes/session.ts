import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { sessionCookie } from '../plugins/session-cookie.ts';
import { closed } from './schemas/fields.ts';
import { empty } from './schemas/replies.ts';
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

/**
 * `/session`: a cookie for web pages, because an EventSource cannot send a token and URLs must not contain one. The cookie
 * holds the token itself, so that every replica accepts it and it ends with the token. It permits reading only.
 */
export const sessionRoutes: Routes<'tokens' | 'about'> = async (server, { tokens, about }) => {
  const path = about.base === '' ? '/' : about.base;
  const sendCookie = (request: FastifyRequest, reply: FastifyReply, token?: string) =>
    reply
      .header('set-cookie', sessionCookie(token, { path, secure: request.protocol === 'https' }))
      .header('cache-control', 'no-store')
      .code(204)
      .send();

  server.post(
    '/session',
    {
      config: { scope: 'open', errors: ['unauthorized', 'forbidden'] },
      schema: {
        operationId: 'beginSession',
        summary: 'Start a read-only browser session',
        description:
          'Sets a cookie that lets the requests of the browser, including its EventSource, read and nothing else.',
        body: SessionBody,
        response: empty(204, 'The cookie is set.'),
      },
    },
    async (request, reply) => {
      const { token } = request.body;
      if (!tokens.find(token)) {
        reply.header('www-authenticate', 'Bearer realm="compositord", error="invalid_token"');
        throw new DomainError('unauthorized', 'this token is not known here');
      }
      return sendCookie(request, reply, token);
    },
  );

  server.delete(
    '/session',
    {
      config: { scope: 'open', errors: ['forbidden'] },
      schema: {
        operationId: 'endSession',
        summary: 'End the browser session',
        response: empty(204, 'The cookie is deleted.'),
      },
    },
    async (request, reply) => sendCookie(request, reply),
  );
};
