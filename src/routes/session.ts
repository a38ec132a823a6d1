import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { sessionCookie } from '../plugins/session-cookie.ts';
import { closed, NoQuery } from './parameters.ts';
import { empty, openReplies } from './schemas/replies.ts';
import type { Services } from './services.ts';

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
 * `/session`: for pages, whose EventSource cannot send a token and whose URLs must hold none. The cookie holds the token,
 * so that every replica knows it and its end is the token's; whatever comes with it may only read.
 */
export const sessionRoutes: FastifyPluginCallbackTypebox<Services> = (server, { tokens, about }, done) => {
  const path = about.base === '' ? '/' : about.base;

  server.post(
    '/session',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'beginSession',
        summary: 'Let a browser read',
        description: 'Sets a cookie with which its requests, its EventSource too, may read, and only that.',
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
        summary: 'End what `POST /session` began',
        tags,
        querystring: NoQuery,
        response: openReplies(
          { 204: empty('The cookie is gone.') },
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
