import { Type } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import type { Compositor } from '../domain/compositor.ts';
import { invalid } from '../domain/errors.ts';
import { sendTagged, sendTaggedText } from '../plugins/conditional.ts';
import type { CompositorFilter, Registry } from '../services/compositors/registry.ts';
import { FencedHeaders, IdParams, limit, nextLink, pageOf, writerOf } from './parameters.ts';
import { encodePage } from './pages.ts';
import { closed, compositorId, ref, sought } from './schemas/fields.ts';
import {
  CompositorDetailSchema,
  CompositorSchema,
  DescriptionChangeSchema,
  HealthSchema,
  protocol,
  RegistrationSchema,
  status,
} from './schemas/compositor.ts';
import {
  DescriptionReply,
  HOLDER_ERRORS,
  json,
  manifestReplies,
  manifestReply,
  RegistrationReply,
  WriteReply,
} from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const ListQuery = Type.Object(
  {
    status: Type.Optional(status({ description: 'Only compositors with this status.' })),
    platform: Type.Optional(sought(64, { description: 'Only compositors on this platform.' })),
    protocol: Type.Optional(protocol({ description: 'Only compositors with this protocol.' })),
    label: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}=',
          maxLength: 320,
          'x-expects': 'key=value',
        }),
        {
          maxItems: 64,
          description: 'Only compositors with this label, `key=value`. Repeatable: all labels must match.',
          examples: [['room=lobby']],
        },
      ),
    ),
    details: Type.Optional(
      Type.Boolean({
        description: 'Include leases and tile counts, as in the reply for one compositor.',
        examples: [true],
      }),
    ),
    limit,
    after: Type.Optional(
      compositorId({ description: 'Continue after this id: `next` of the previous page.' }),
    ),
  },
  closed,
);

/** The replies to a registration: of an id that was there (200), and of a new one (201). */
const registeredReplies = (present: string, created: string) => ({
  ...json(present, RegistrationReply, ['Location', 'Manifest-Cursor']),
  ...json(created, RegistrationReply, ['Location', 'Manifest-Cursor'], 201),
});

/** What is registered and removed in the examples: all others use the compositor of the tour, and need it. */
const DoorParams = Type.Object({ id: compositorId({ examples: ['door'] }) });
const DOOR = { name: 'Door', instance: 'host-7/4711', ttl: 3600 };

const CompositorPage = pageOf(Type.Union([ref(CompositorDetailSchema), ref(CompositorSchema)]));

/** `/compositors`, `/compositors/{id}` and `/compositors/{id}/health`: registration, and how the connection sees a compositor. */
export const compositorRoutes: Routes<'registry' | 'queries' | 'supervisor' | 'work' | 'about'> = async (
  server,
  { registry, queries, supervisor, work, about },
) => {
  const sendRegistered = (
    reply: FastifyReply,
    { created, ...written }: Awaited<ReturnType<Registry['register']>>,
  ) =>
    setManifestHeaders(reply, queries, written.cursor)
      .code(created ? 201 : 200)
      .header('location', `${about.base}/compositors/${written.compositor.id}`)
      .send(written);

  server.post(
    '/compositors',
    {
      config: { scope: 'write', errors: ['id-taken', 'quota-exceeded'] },
      schema: {
        operationId: 'registerCompositor',
        summary: 'Register a compositor',
        description:
          'If the id is live: the same `instance` renews its lease (200), any other is refused (409).',
        body: ref(RegistrationSchema),
        'x-body-example': DOOR,
        response: registeredReplies('Renewed: the same instance is already registered.', 'Registered.'),
      },
    },
    async (request, reply) =>
      sendRegistered(reply, await registry.register(request.body, 'claim', { principal: request.principal })),
  );

  server.put(
    '/compositors/:id',
    {
      config: { scope: 'write', errors: ['id-taken', 'quota-exceeded'] },
      schema: {
        operationId: 'putCompositor',
        summary: 'Register a compositor under this id, or take over the id',
        description:
          'A new instance starts a new generation: from then on, writes and renewals of the previous one are refused.',
        params: DoorParams,
        body: ref(RegistrationSchema),
        'x-body-example': DOOR,
        response: registeredReplies('Taken over, or renewed.', 'Created.'),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (request.body.id !== undefined && request.body.id !== id)
        throw invalid('body', '/id', 'is not the id in the URL');
      return sendRegistered(
        reply,
        await registry.register({ ...request.body, id }, 'take', { principal: request.principal }),
      );
    },
  );

  server.get(
    '/compositors',
    {
      config: { scope: 'read', errors: ['store-unavailable'] },
      schema: {
        operationId: 'listCompositors',
        summary: 'List compositors',
        description:
          'Sorted by id. All filters must match. A page of long entries ends at 256 KiB, with fewer items than `limit`; `next` continues it.',
        querystring: ListQuery,
        response: manifestReplies('A page of compositors.', CompositorPage, ['Link']),
      },
    },
    async (request, reply) => {
      await work.slice();
      const manifest = queries.now();
      const { limit = 100, after, label, details = false, ...rest } = request.query;
      const filter: CompositorFilter = { ...rest, ...(label && { labels: labelsOf(label) }) };
      // Leases change all the time: with them, hardly any reply would match the previous ETag.
      const inReply = (entry: Compositor) => (details ? detailed(registry, entry) : entry);
      const { text, next } = encodePage(registry.list(filter, after), limit, inReply, ({ id }) => id);
      if (next !== undefined) reply.header('link', nextLink(about.base, request.url, next));
      setManifestHeaders(reply, queries, manifest.cursor);
      return sendTaggedText(request, reply, text);
    },
  );

  server.get(
    '/compositors/:id',
    {
      config: { scope: 'read', errors: ['not-found', 'store-unavailable'] },
      schema: {
        operationId: 'getCompositor',
        summary: 'Read one compositor, with its lease and health',
        description:
          'Its entry in the manifest, with what the manifest does not have: lease, number of tiles, health.',
        params: IdParams,
        response: manifestReplies('The compositor.', ref(CompositorDetailSchema)),
      },
    },
    async (request, reply) => {
      const manifest = queries.now();
      const entry = registry.require(request.params.id);
      const detail = detailed(registry, entry);
      const health = await supervisor.health(entry.id);
      setManifestHeaders(reply, queries, manifest.cursor);
      return sendTagged(request, reply, { ...detail, ...(health.state !== 'none' && { health }) });
    },
  );

  server.get(
    '/compositors/:id/health',
    {
      config: { scope: 'read', errors: ['not-found', 'store-unavailable'] },
      schema: {
        operationId: 'getCompositorHealth',
        summary: 'Get the health of a compositor',
        description:
          'The health that the connection to the compositor sees, whichever replica holds it. When that replica does not answer, the state in the manifest.',
        params: IdParams,
        response: manifestReply('The health of the compositor.', ref(HealthSchema)),
      },
    },
    async (request, reply) => {
      const { cursor } = queries.now();
      const { id } = registry.require(request.params.id);
      const health = await supervisor.health(id);
      // Health changes without a commit, so a cache could not tell.
      return setManifestHeaders(reply, queries, cursor).header('cache-control', 'no-store').send(health);
    },
  );

  server.patch(
    '/compositors/:id',
    {
      config: { scope: 'write', errors: [...HOLDER_ERRORS, 'quota-exceeded'] },
      schema: {
        operationId: 'changeCompositor',
        summary: 'Change the description of a compositor',
        description:
          'A merge patch (RFC 7396): null removes a field. `{"enabled": false}` disconnects the compositor. With `Lease-Generation` the request also renews the lease.',
        consumes: ['application/json', 'application/merge-patch+json'],
        params: IdParams,
        headers: FencedHeaders,
        body: ref(DescriptionChangeSchema),
        'x-body-example': { platform: 'linux', labels: { room: 'lobby' } },
        response: json('The compositor after the change.', DescriptionReply, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const written = await registry.describe(request.params.id, request.body, writerOf(request));
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );

  server.delete(
    '/compositors/:id',
    {
      config: { scope: 'write', errors: HOLDER_ERRORS },
      schema: {
        operationId: 'removeCompositor',
        summary: 'Remove a compositor with all its tiles',
        description: 'One commit removes everything, so that readers never see a part of it.',
        params: DoorParams,
        headers: FencedHeaders,
        response: json('Removed.', WriteReply, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const written = await registry.leave(request.params.id, writerOf(request));
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );
};

/** A compositor with its lease and tile count, which the manifest does not contain. */
function detailed(registry: Registry, entry: Compositor) {
  const lease = registry.lease(entry);
  return { ...entry, ...(lease && { lease }), tiles: registry.tileCount(entry.id) };
}

function labelsOf(pairs: readonly string[]): Map<string, string> {
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}
