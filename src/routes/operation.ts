import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import type { Worker } from '../domain/worker.ts';
import { json, plainText } from './schemas/replies.ts';
import { cursor } from './schemas/fields.ts';
import type { Routes } from './services.ts';

const state = (values: string[]) => Type.Unsafe<string>({ type: 'string', enum: values, examples: ['pass'] });

const quotaState = (examples: number[]) =>
  Type.Object({
    used: Type.Integer({ examples }),
    limit: Type.Union([Type.Integer(), Type.Null()], { description: 'null: no limit.', examples: [200000] }),
  });

const HealthReply = Type.Object({
  status: state(['pass', 'warn']),
  name: Type.String({ description: "The daemon's name.", examples: ['compositord'] }),
  version: Type.String({ examples: ['0.2.0'] }),
  store: Type.String({ description: '`embedded` or `redis`.', examples: ['embedded'] }),
  cursor: cursor({ description: 'The current cursor of the manifest.' }),
  loaded: Type.Boolean({ description: 'The manifest is loaded.' }),
  degraded: Type.Boolean({ description: 'The store is unreachable; reads serve the last known manifest.' }),
  readers: Type.Integer({ description: 'Number of open streams.', examples: [12] }),
  compositors: Type.Integer({ examples: [3] }),
  tiles: Type.Integer({ examples: [3924] }),
  quotas: Type.Object(
    { compositors: quotaState([3]), tiles: quotaState([3924]), bytes: quotaState([2170000]) },
    { description: 'What is used of each quota. `status` is `warn` while one is exceeded.' },
  ),
  workers: Type.Optional(
    Type.Object(
      {
        count: Type.Integer({ description: 'The setting `workers`.', examples: [2] }),
        running: Type.Integer({ description: 'How many of them serve.', examples: [2] }),
        answered: Type.Integer({ description: 'Which of them answered, from 1 on.', examples: [1] }),
      },
      {
        description:
          'Only where several processes serve the address: `status`, `readers` and `uptime` are those of the one that answered.',
      },
    ),
  ),
  uptime: Type.Number({ description: 'Seconds since the start.', examples: [86400] }),
});
function stateOf({ count, running, number }: Worker) {
  return { count, running, answered: number };
}

const StatusReply = Type.Object({ status: state(['pass']) });

/** `/health` and `/metrics`: a summary for people, probes for an orchestrator, and metrics for Prometheus. */
export const operationRoutes: Routes<
  'replica' | 'quotaWatch' | 'feed' | 'metrics' | 'work' | 'about'
> = async (server, { replica, quotaWatch, feed, metrics, work, about }) => {
  server.addHook('onRequest', (_request, reply, next) => {
    reply.header('cache-control', 'no-store');
    next();
  });

  server.get(
    '/health',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getHealth',
        summary: 'Read a health summary',
        response: json('A summary.', HealthReply),
      },
    },
    async () => {
      const { copy, degraded } = replica;
      return {
        status: copy.loaded && !degraded && !quotaWatch.exceeded ? 'pass' : 'warn',
        name: about.name,
        version: about.version,
        store: about.store,
        cursor: copy.head,
        loaded: copy.loaded,
        degraded,
        readers: feed.readers,
        compositors: copy.manifest.compositorCount,
        tiles: copy.manifest.tileCount,
        quotas: quotaWatch.states,
        ...(about.worker && { workers: stateOf(about.worker) }),
        uptime: about.uptime(),
      };
    },
  );

  server.get(
    '/health/live',
    {
      config: { scope: 'open', anyHost: true, unlimited: true },
      schema: {
        operationId: 'getLiveness',
        summary: 'Liveness probe',
        response: json('The process is alive.', StatusReply),
      },
    },
    async () => ({ status: 'pass' }),
  );

  server.get(
    '/health/ready',
    {
      config: { scope: 'open', anyHost: true, unlimited: true, errors: ['store-unavailable'] },
      schema: {
        operationId: 'getReadiness',
        summary: 'Readiness probe',
        description: 'Ready means: the manifest is loaded and the store answers.',
        response: json('The daemon is ready for requests.', StatusReply),
      },
    },
    async () => {
      const why = !replica.copy.loaded
        ? 'the manifest is not loaded yet'
        : replica.degraded
          ? 'the store is away'
          : '';
      if (why !== '') throw new DomainError('store-unavailable', why, { retryAfter: 1 });
      return { status: 'pass' };
    },
  );

  server.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Read the metrics',
        description: 'Metrics in the Prometheus text format. docs/operations.md says what to watch.',
        response: plainText('The metrics.'),
      },
    },
    async (_request, reply) => {
      await work.slice();
      const { text, type } = await metrics.text();
      return reply.type(type).send(text);
    },
  );
};
