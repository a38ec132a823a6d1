import type { FastifyInstance } from 'fastify';
import * as command from './command.ts';
import * as compositor from './compositor.ts';
import * as manifest from './manifest.ts';
import * as replies from './replies.ts';
import * as tile from './tile.ts';

/** Adds the schemas with an `$id`, to which others refer by it: the components of the OpenAPI document. */
export function addSharedSchemas(server: FastifyInstance): void {
  for (const module of [command, compositor, manifest, replies, tile])
    for (const exported of Object.values<unknown>(module))
      if (typeof exported === 'object' && exported && '$id' in exported) server.addSchema(exported);
}
