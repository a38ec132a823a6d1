import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientGroup } from '../domain/client-group.ts';
import { DomainError } from '../domain/errors.ts';
import { sessionCookie } from '../plugins/session-cookie.ts';
import { SMALL_BODY } from './body-limits.ts';
import { closed } from './schemas/fields.ts';
import { empty } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const SessionBody = Type.Object(
  {
    token: Type.String({
      pattern: '^[A-Za-z0-9._~+/-]+=*$',
      maxLength: 4096,
      description: 'A token with the scope `read`, listed or a JWT.',
      examples: ['cmp_7XJ0kqExample'],
    }),
  },
  closed,
);

/**
 * `/session`: a cookie for web pages, because an EventSource cannot send a token and URLs must not contain one. It permits
 * reading only, for a limited time, and ends with the token it was made from.
 */
export const sessionRoutes: Routes<'tokens' | 'guesses' | 'about'> = async (
  server,
  { tokens, guesses, about },
) => {
  const send = (request: FastifyRequest, reply: FastifyReply, session: string, seconds: number) =>
    reply
      .header(
        'set-cookie',
        sessionCookie(session, seconds, { base: about.base, secure: request.protocol === 'https' }),
      )
      .header('cache-control', 'no-store')
      .code(204)
      .send();

  server.post(
    '/session',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'open', audited: true, errors: ['unauthorized', 'forbidden', 'store-unavailable'] },
      schema: {
        operationId: 'beginSession',
        summary: 'Start a read-only browser session',
        description:
          'Sets a cookie that lets the requests of our own pages, including their EventSource, read and nothing else. It ends after `session.maxAge`, or with the token; that of a JWT with its `exp`. A daemon without tokens (`auth: open`) has none to begin with, and answers 401.',
        body: SessionBody,
        response: empty(204, 'The cookie is set.'),
      },
    },
    async (request, reply) => {
      guesses.requireFew(clientGroup(request.ip));
      const begun = await tokens.beginSession(request.body.token, about.sessionMaxAge);
      if (begun) return send(request, reply, begun.session, begun.seconds);
      guesses.countWrong(clientGroup(request.ip));
      tokens.denied['unknown-token'] += 1;
      reply.header('www-authenticate', 'Bearer realm="compositord", error="invalid_token"');
      throw new DomainError('unauthorized', 'this token is not known here');
    },
  );

  server.delete(
    '/session',
    {
      config: { scope: 'open', audited: true, errors: ['forbidden'] },
      schema: {
        operationId: 'endSession',
        summary: 'End the browser session',
        description: 'Takes the cookie of `POST /session` from the browser. Without one nothing happens.',
        response: empty(204, 'The cookie is deleted.'),
      },
    },
    async (request, reply) => send(request, reply, '', 0),
  );
};
