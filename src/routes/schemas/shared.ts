import type { FastifyInstance } from 'fastify';
import { CommandResultSchema, CommandSchema } from './command.ts';
import {
  CompositorChangesSchema,
  CompositorDetailSchema,
  CompositorSchema,
  CompositorsSchema,
  DescriptionChangeSchema,
  HealthSchema,
  LeaseSchema,
  RegistrationSchema,
} from './compositor.ts';
import {
  ByeSchema,
  ChangesSchema,
  HistoryItemSchema,
  ManifestSchema,
  PatchEventSchema,
  SnapshotSchema,
  SyncedSchema,
  ViewSchema,
} from './manifest.ts';
import { ProblemSchema } from './replies.ts';
import {
  OwnTileSchema,
  OwnTilesSchema,
  TileChangesSchema,
  TilePatchSchema,
  TileSchema,
  TileSetSchema,
  TilesSchema,
} from './tile.ts';

/** Schemas that others refer to by `$id`: the components of the OpenAPI document. */
const SHARED = [
  ProblemSchema,
  TileSchema,
  OwnTileSchema,
  TilesSchema,
  OwnTilesSchema,
  TileChangesSchema,
  TilePatchSchema,
  TileSetSchema,
  LeaseSchema,
  HealthSchema,
  CompositorSchema,
  CompositorDetailSchema,
  CompositorsSchema,
  CompositorChangesSchema,
  RegistrationSchema,
  DescriptionChangeSchema,
  CommandSchema,
  CommandResultSchema,
  ViewSchema,
  ManifestSchema,
  ChangesSchema,
  HistoryItemSchema,
  SnapshotSchema,
  PatchEventSchema,
  SyncedSchema,
  ByeSchema,
];

export function addSharedSchemas(server: FastifyInstance): void {
  for (const schema of SHARED) server.addSchema(schema);
}
