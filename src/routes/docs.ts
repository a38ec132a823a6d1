import swaggerUi from '@fastify/swagger-ui';
import { Type } from '@sinclair/typebox';
import { sendTagged } from '../plugins/conditional.ts';
import { json, withNotModified } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const Document = Type.Object({}, { additionalProperties: true, description: 'An OpenAPI 3.1 document.' });

/** `/openapi.json` and `/docs`: the OpenAPI document, and a page that shows it. */
export const docsRoutes: Routes<'about'> = async (server, { about }) => {
  server.get(
    '/openapi.json',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'Read the OpenAPI document',
        response: withNotModified(json('The document.', Document, ['ETag'])),
      },
    },
    async (request, reply) => sendTagged(request, reply, server.swagger()),
  );
  // Nothing below /docs is secret, and a browser sends no token when it opens the page.
  server.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'open' };
  });
  void server.register(swaggerUi, {
    routePrefix: '/docs',
    // The library does not know the base path.
    indexPrefix: about.base,
    staticCSP: true,
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
};
