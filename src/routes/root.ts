import { Type } from '@sinclair/typebox';
import { empty, json } from './schemas/replies.ts';
import type { Routes } from './services.ts';
import { wantsHtml } from './html.ts';

const IndexReply = Type.Object({
  name: Type.String({ description: "The daemon's name.", examples: ['compositord'] }),
  version: Type.String({ examples: ['0.2.0'] }),
  links: Type.Record(Type.String(), Type.String(), {
    description: 'The main URLs, by name.',
    examples: [{ manifest: '/manifest' }],
  }),
});

const LINKS = {
  manifest: '/manifest',
  stream: '/manifest/stream',
  changes: '/manifest/changes',
  history: '/manifest/history',
  tiles: '/manifest/tiles',
  compositors: '/compositors',
  regions: '/regions',
  health: '/health',
  metrics: '/metrics',
  problems: '/problems',
  client: '/client.js',
  map: '/map',
  docs: '/docs',
  openapi: '/openapi.json',
};

/** `/`: the index of the API. */
export const rootRoutes: Routes<'about'> = async (server, { about }) => {
  const links = Object.fromEntries(Object.entries(LINKS).map(([name, path]) => [name, about.base + path]));
  server.get(
    '/',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getIndex',
        summary: 'List the main URLs',
        description: 'A browser is redirected to the live map.',
        response: {
          ...json('The main URLs, by name.', IndexReply),
          ...empty(302, 'A browser: the live map.', ['Location']),
        },
      },
    },
    async (request, reply) => {
      reply.header('vary', 'Accept').header('cache-control', 'no-cache');
      if (wantsHtml(request.headers.accept)) return reply.redirect(`${about.base}/map`, 302);
      return { name: about.name, version: about.version, links };
    },
  );
};
