import type { FastifyInstance, RouteOptions } from 'fastify';
import { STORE_ERROR_KINDS, type ErrorKind } from '../domain/errors.ts';
import { backupRoutes } from './backup.ts';
import { changesRoutes } from './changes.ts';
import { commandRoutes } from './commands.ts';
import { comparisonRoutes } from './comparison.ts';
import { compositorRoutes } from './compositors.ts';
import { countsRoutes } from './counts.ts';
import { digestRoutes } from './digests.ts';
import { docsRoutes } from './docs.ts';
import { operationRoutes } from './operation.ts';
import { geometryOsRoutes } from './geometry-os.ts';
import { historyRoutes } from './history.ts';
import { leaseRoutes } from './lease.ts';
import { linkRoutes } from './link.ts';
import { manifestRoutes } from './manifest.ts';
import { AnyQuery, NoQuery } from './parameters.ts';
import { problemRoutes } from './problems.ts';
import { proxyRoutes } from './proxy.ts';
import { rootRoutes } from './root.ts';
import * as commandSchemas from './schemas/command.ts';
import * as comparisonSchemas from './schemas/comparison.ts';
import * as compositorSchemas from './schemas/compositor.ts';
import * as countsSchemas from './schemas/counts.ts';
import * as manifestSchemas from './schemas/manifest.ts';
import * as digestSchemas from './schemas/digests.ts';
import * as foundSchemas from './schemas/found.ts';
import * as geometryOsSchemas from './schemas/geometry-os.ts';
import * as overviewSchemas from './schemas/overview.ts';
import { regionRoutes } from './regions.ts';
import * as regionSchemas from './schemas/region.ts';
import * as replySchemas from './schemas/replies.ts';
import * as startStopSchemas from './schemas/start-stop.ts';
import * as tileSchemas from './schemas/tile.ts';
import type { Routes, Services } from './services.ts';
import { searchRoutes } from './search.ts';
import { sessionRoutes } from './session.ts';
import { startStopRoutes } from './start-stop.ts';
import { streamViewRoutes } from './stream-view.ts';
import { streamRoutes } from './stream.ts';
import { tileFileRoutes } from './tile-file.ts';
import { tileSocketRoutes } from './tile-socket.ts';
import { tileRoutes } from './tiles.ts';
import { webRoutes } from './web.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors that are particular to the route. Those that all routes of its kind share are added to its documentation. */
    errors?: readonly ErrorKind[];
  }
}

/** All routes, by their tag in the OpenAPI document. */
const ROUTES: Readonly<Record<string, readonly Routes<keyof Services>[]>> = {
  manifest: [
    manifestRoutes,
    tileFileRoutes,
    tileSocketRoutes,
    changesRoutes,
    historyRoutes,
    searchRoutes,
    countsRoutes,
    comparisonRoutes,
    digestRoutes,
    streamRoutes,
    streamViewRoutes,
  ],
  tiles: [tileRoutes],
  regions: [regionRoutes],
  compositors: [compositorRoutes, startStopRoutes, leaseRoutes, linkRoutes, commandRoutes, proxyRoutes],
  'geometry-os': [geometryOsRoutes],
  operation: [rootRoutes, operationRoutes, backupRoutes, sessionRoutes, problemRoutes, webRoutes, docsRoutes],
};

/** Those of their exports with an `$id` are the components of the OpenAPI document, to which others refer. */
const SCHEMAS = [
  commandSchemas,
  comparisonSchemas,
  countsSchemas,
  digestSchemas,
  foundSchemas,
  geometryOsSchemas,
  compositorSchemas,
  manifestSchemas,
  overviewSchemas,
  regionSchemas,
  replySchemas,
  startStopSchemas,
  tileSchemas,
];

export function addRoutes(server: FastifyInstance, services: Services): void {
  for (const schema of SCHEMAS.flatMap((module) => Object.values<unknown>(module)))
    if (typeof schema === 'object' && schema && '$id' in schema) server.addSchema(schema);
  for (const [tag, plugins] of Object.entries(ROUTES))
    void server.register(
      async (group) => {
        group.addHook('onRoute', (route) => completeSchema(route, tag));
        for (const plugin of plugins) void group.register(plugin, services);
      },
      { prefix: services.about.base },
    );
}

/** Adds what the routes with this tag have in common, so that each route names only what is its own. */
function completeSchema(route: RouteOptions, tag: string): void {
  const { schema, config = {} } = route;
  if (!schema || schema.hide) return;
  const querystring = schema.querystring ?? NoQuery;
  const validates = querystring !== AnyQuery || schema.params !== undefined;
  // A write that takes no body still parses one that is sent.
  const parsesBody = !['GET', 'HEAD'].includes(String(route.method)) && !config.watchesBody;
  const errors: ErrorKind[] = [
    'misdirected',
    'internal',
    ...(config.scope === 'open' ? [] : (['unauthorized', 'forbidden'] as const)),
    ...(config.stream || config.unlimited ? [] : (['rate-limited'] as const)),
    ...(validates ? (['invalid-request'] as const) : []),
    ...(parsesBody ? (['too-large', 'unsupported-media-type', 'overloaded'] as const) : []),
    ...(config.scope === 'write' ? STORE_ERROR_KINDS : []),
    ...(config.errors ?? []),
  ];
  const response = { ...(schema.response as object), ...replySchemas.problemReplies(errors) };
  route.schema = { ...schema, tags: [tag], querystring, response };
}
