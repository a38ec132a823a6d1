import type { Static } from '@sinclair/typebox';
import type { FastifyBaseLogger } from 'fastify';
import { DomainError, invalid } from '../domain/errors.ts';
import type { Principal } from '../domain/token.ts';
import { problemOf } from '../plugins/problems.ts';
import type { Registry } from '../services/compositors/registry.ts';
import { selectIds, startOrStop, type StartStopOutcome } from '../services/compositors/start-stop.ts';
import { ref } from './schemas/fields.ts';
import { json } from './schemas/replies.ts';
import { MOST_AT_ONCE, SelectionSchema, StartStopReportSchema } from './schemas/start-stop.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const OPERATIONS = [
  {
    url: '/compositors/start',
    enabled: true,
    example: { ids: ['wall'] },
    operationId: 'startCompositors',
    summary: 'Start compositors',
    does: 'The daemon connects to each, now and after every restart.',
  },
  {
    url: '/compositors/stop',
    enabled: false,
    // Another one than elsewhere: one that is stopped takes no commands and answers nothing through the proxy.
    example: { ids: ['door'] },
    operationId: 'stopCompositors',
    summary: 'Stop compositors',
    does: 'The daemon closes the connection to each, until it is started. Tiles stay.',
  },
] as const;

/** `/compositors/start` and `/compositors/stop`: many at once, as `PATCH /compositors/{id}` with `enabled` for each. */
export const startStopRoutes: Routes<'registry' | 'queries' | 'work' | 'about'> = async (
  server,
  { registry, queries, work, about },
) => {
  const reportOf = (log: FastifyBaseLogger) => (outcome: StartStopOutcome) => {
    const { id } = outcome;
    if ('compositor' in outcome) return { id, ok: true, status: outcome.compositor.status };
    const { error } = outcome;
    if (!(error instanceof DomainError)) log.error({ err: error }, 'cannot start or stop a compositor');
    const known =
      error instanceof DomainError
        ? error
        : new DomainError('internal', 'something went wrong inside; the log has the details');
    return { id, ok: false, problem: problemOf(known, about.base) };
  };
  for (const { url, enabled, example, operationId, summary, does } of OPERATIONS)
    server.post(
      url,
      {
        config: { scope: 'write', findsCompositor: true },
        schema: {
          operationId,
          summary,
          description: `${does} At most ${MOST_AT_ONCE} in a request; \`next\` continues with the others. An error with one stops no other: each is reported.`,
          body: ref(SelectionSchema),
          'x-body-example': example,
          response: json('What came of each.', ref(StartStopReportSchema), ['Manifest-Cursor']),
        },
      },
      async (request, reply) => {
        await work.slice();
        const { principal } = request;
        const { ids, more } = idsOf(request.body, registry, principal);
        const outcomes = await startOrStop(registry, ids, enabled, principal);
        setManifestHeaders(reply, queries, queries.now().cursor);
        return reply.send({
          changed: outcomes.reduce((sum, each) => sum + ('changed' in each ? each.changed : 0), 0),
          items: outcomes.map(reportOf(request.log)),
          next: more ? ids.at(-1)! : null,
        });
      },
    );
};

function idsOf(
  { ids, labels, after }: Static<typeof SelectionSchema>,
  registry: Registry,
  principal: Principal,
): { ids: string[]; more: boolean } {
  if (!ids) {
    const filter = labels ? { labels: new Map(Object.entries(labels)) } : {};
    return selectIds(registry, { filter, after, limit: MOST_AT_ONCE }, principal);
  }
  const other = labels ? '/labels' : after === undefined ? undefined : '/after';
  if (other !== undefined) throw invalid('body', other, 'may not be given together with ids');
  return { ids: [...new Set(ids)], more: false };
}
