import swaggerUi from '@fastify/swagger-ui';
import { Type } from '@sinclair/typebox';
import { forExecution } from '../plugins/document-for-execution.ts';
import { FixedBody, sendFixed } from '../plugins/fixed-body.ts';
import { encodeJson } from '../plugins/json.ts';
import { escaped } from './html.ts';
import { json, withNotModified } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const Document = Type.Object({}, { additionalProperties: true, description: 'An OpenAPI 3.1 document.' });

/** Only our own scripts and styles, and requests to this daemon. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  // Its icons are in its style sheet, and a picture in a reply is shown from memory.
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json` and `/docs`: the OpenAPI document, and a page that shows it. */
export const docsRoutes: Routes<'about' | 'warmUp' | 'web'> = async (server, { about, warmUp, web }) => {
  // No route is added after the first request.
  const document = warmUp.onFirstUse(
    () => new FixedBody(encodeJson(server.swagger()), 'application/json; charset=utf-8'),
  );
  const pageDocument = warmUp.onFirstUse(
    () => new FixedBody(encodeJson(forExecution(server.swagger())), 'application/json; charset=utf-8'),
  );
  server.get(
    '/openapi.json',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'Read the OpenAPI document',
        description: 'What `/docs` shows, for programs.',
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
    staticCSP: POLICY,
    theme: {
      title: `${escaped(about.name)}: API`,
      js: [{ filename: 'docs.js', content: web.file('docs.js')?.body.toString() ?? '' }],
    },
    uiHooks: {
      preHandler: (request, reply, done) => {
        // The library would encode the document for each request.
        if (request.routeOptions.url !== `${about.base}/docs/json`) return done();
        sendFixed(request, reply.header('cache-control', 'no-cache'), pageDocument());
      },
    },
    uiConfig: {
      // Without a bar for the address of another document.
      layout: 'BaseLayout',
      deepLinking: true,
      tryItOutEnabled: true,
      filter: true,
      persistAuthorization: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
    },
  });
};
