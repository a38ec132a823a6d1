import type { FastifyInstance } from 'fastify';
import { changesRoutes } from './changes.ts';
import { clientRoutes } from './client.ts';
import { compositorHealthRoutes } from './compositor-health.ts';
import { commandRoutes } from './commands.ts';
import { compositorRoutes } from './compositors.ts';
import { docsRoutes } from './docs.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { leaseRoutes } from './lease.ts';
import { mapRoutes } from './map.ts';
import { manifestRoutes } from './manifest.ts';
import { metricsRoutes } from './metrics.ts';
import { problemRoutes } from './problems.ts';
import { proxyRoutes } from './proxy.ts';
import { rootRoutes } from './root.ts';
import { addSharedSchemas } from './schemas/shared.ts';
import type { Services } from './services.ts';
import { sessionRoutes } from './session.ts';
import { streamRoutes } from './stream.ts';
import { tileFileRoutes } from './tile-file.ts';
import { tileSocketRoutes } from './tile-socket.ts';
import { tileRoutes } from './tiles.ts';

/** Registers all routes. */
export function addRoutes(server: FastifyInstance, services: Services): void {
  addSharedSchemas(server);
  const options = { ...services, prefix: services.about.base };
  void server.register(rootRoutes, options);
  void server.register(compositorRoutes, options);
  void server.register(compositorHealthRoutes, options);
  void server.register(leaseRoutes, options);
  void server.register(tileRoutes, options);
  void server.register(commandRoutes, options);
  void server.register(proxyRoutes, options);
  void server.register(manifestRoutes, options);
  void server.register(tileFileRoutes, options);
  void server.register(tileSocketRoutes, options);
  void server.register(changesRoutes, options);
  void server.register(historyRoutes, options);
  void server.register(streamRoutes, options);
  void server.register(healthRoutes, options);
  void server.register(metricsRoutes, options);
  void server.register(sessionRoutes, options);
  void server.register(problemRoutes, options);
  void server.register(clientRoutes, options);
  void server.register(mapRoutes, options);
  void server.register(docsRoutes, options);
}
