import swaggerUi from '@fastify/swagger-ui';
import { Type } from '@sinclair/typebox';
import { FixedBody, sendFixed } from '../plugins/fixed-body.ts';
import { encodeJson } from '../plugins/json.ts';
import { json, withNotModified } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const Document = Type.Object({}, { additionalProperties: true, description: 'An OpenAPI 3.1 document.' });

/** `/openapi.json` and `/docs`: the OpenAPI document, and a page that shows it. */
export const docsRoutes: Routes<'about' | 'warmUp'> = async (server, { about, warmUp }) => {
  // No route is added after the first request.
  const document = warmUp.onFirstUse(
    () => new FixedBody(encodeJson(server.swagger()), 'application/json; charset=utf-8'),
  );
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
    async (request, reply) => sendFixed(request, reply.header('cache-control', 'no-cache'), document()),
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
    uiHooks: {
      preHandler: (request, reply, done) => {
        // The library would encode the document for each request.
        if (request.routeOptions.url !== `${about.base}/docs/json`) return done();
        sendFixed(request, reply.header('cache-control', 'no-cache'), document());
      },
    },
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
};
