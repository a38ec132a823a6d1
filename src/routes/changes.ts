import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { instant } from '../services/manifest/manifest-head.ts';
import { viewOf, viewQuery } from './parameters.ts';
import { closed, cursor, ref } from './schemas/fields.ts';
import { ChangesSchema } from './schemas/manifest.ts';
import { manifestReply } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { abortOnClose } from './while-open.ts';

/** Seconds after which a poll is answered even without a change: most proxies and clients give up after 60. */
const LONGEST_WAIT = 55;

const Query = Type.Object(
  {
    since: cursor({ description: 'The cursor of the copy that the client has.' }),
    to: Type.Optional(cursor({ description: 'Up to this cursor; by default to the newest.' })),
    wait: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        default: 0,
        description:
          'Seconds to wait for a first change in view. The answer comes after 55 at the latest, before proxies that wait 60 give up.',
        examples: [30],
      }),
    ),
    ...viewQuery,
  },
  closed,
);

/** `/manifest/changes`: what a reader has missed, for clients that cannot hold a stream. */
export const changesRoutes: Routes<'queries' | 'tokens' | 'documents' | 'limits'> = async (
  server,
  { queries, tokens, documents, limits },
) => {
  server.get(
    '/manifest/changes',
    {
      config: { scope: 'read', errors: ['cursor-gone', 'store-unavailable'] },
      schema: {
        operationId: 'getChanges',
        summary: 'Read what changed since a cursor',
        description:
          'One composed patch. With `wait` it is a long poll: the answer comes with the first change in view.',
        querystring: Query,
        response: manifestReply('One patch from `since` to `cursor`.', ref(ChangesSchema)),
      },
    },
    async (request, reply) => {
      const { since, to, wait = 0 } = request.query;
      const leave = wait > 0 ? limits.polls.take(limits.clients(request.ip, request.principal)) : undefined;
      if (wait > 0 && !leave)
        throw new DomainError('rate-limited', 'too many long polls wait already', { retryAfter: 5 });
      const abort = abortOnClose(reply);
      const revoked = new DomainError('unauthorized', 'the token was revoked meanwhile');
      const release = tokens.whileAllowed(request.principal, { scope: 'read' }, () => abort.abort(revoked));
      const changes = await queries
        .changes({
          since,
          to,
          view: viewOf(request.query),
          wait: Math.min(wait, LONGEST_WAIT) * 1000,
          signal: abort.signal,
        })
        .finally(() => {
          release();
          leave?.();
        });
      const { cursor, patch } = changes;
      const time = instant(changes.committedAt);
      setManifestHeaders(reply, queries, cursor).header('cache-control', 'no-store');
      const pieces = documents.changes(changes);
      if (pieces) return sendJsonBody(reply, pieces);
      return reply.send({
        since: changes.since,
        cursor,
        compositors: Object.fromEntries(patch.compositors),
        ...(patch.regions.size > 0 && { regions: Object.fromEntries(patch.regions) }),
        tiles: Object.fromEntries(patch.tiles),
        time,
      });
    },
  );
};
