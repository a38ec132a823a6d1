import swaggerUi from '@fastify/swagger-ui';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { sendTagged } from '../plugins/conditional.ts';
import { NoQuery } from './parameters.ts';
import { empty, json, openReplies } from './schemas/replies.ts';
import type { Services } from './services.ts';

const Document = Type.Object({}, { additionalProperties: true, description: 'An OpenAPI 3.1 document.' });

/** `/openapi.json` and `/docs`: the contract, for programs and for people. */
export const docsRoutes: FastifyPluginCallbackTypebox<Services> = (server, { about }, done) => {
  server.get(
    '/openapi.json',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'Read the OpenAPI document',
        tags: ['operation'],
        querystring: NoQuery,
        response: openReplies(
          {
            200: json('The document.', Document, ['ETag']),
            304: empty('Not changed since `If-None-Match`.', ['ETag']),
          },
          'invalid-request',
        ),
      },
    },
    async (request, reply) => sendTagged(request, reply, server.swagger()),
  );
  // Files of a library, and the contract that is no secret: a browser must be able to ask for them without a token.
  server.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'open' };
  });
  void server.register(swaggerUi, {
    routePrefix: '/docs',
    // It does not know the base path below which these routes are shown.
    indexPrefix: about.base,
    staticCSP: true,
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  done();
};
