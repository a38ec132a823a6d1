import type { FastifyContextConfig, FastifyInstance } from 'fastify';

/** The configuration of a route, with the URL pattern that Fastify adds; without a URL for what has no route. */
export type RouteConfig = FastifyContextConfig & { readonly url?: string };

declare module 'fastify' {
  interface FastifyRequest {
    /** The configuration of its route. `routeOptions` makes a new object of all options at each call, and nearly every hook needs this. */
    routeConfig: RouteConfig;
  }
}

/** Must be added before the hooks that read it. */
export function addRouteConfig(server: FastifyInstance): void {
  server.decorateRequest('routeConfig', undefined as unknown as RouteConfig);
  server.addHook('onRequest', (request, _reply, done) => {
    request.routeConfig = request.routeOptions.config;
    done();
  });
}
