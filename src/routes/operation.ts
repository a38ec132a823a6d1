import { Type, type TSchema } from '@sinclair/typebox';
import { DomainError, writeRefused } from '../domain/errors.ts';
import { STORE_REASONS } from '../domain/store-error.ts';
import { STORE_STATES, type StoreStatus } from '../domain/store-status.ts';
import type { Worker } from '../domain/worker.ts';
import type { Replica } from '../services/manifest/replica.ts';
import { FILE_STATES, isBad } from '../services/tile-file/file-state.ts';
import { json, plainText } from './schemas/replies.ts';
import { cursor } from './schemas/fields.ts';
import type { Routes } from './services.ts';

const state = (values: string[]) => Type.Unsafe<string>({ type: 'string', enum: values, examples: ['pass'] });

const quotaState = (examples: number[]) =>
  Type.Object({
    used: Type.Integer({ examples }),
    limit: Type.Union([Type.Integer(), Type.Null()], { description: 'null: no limit.', examples: [200000] }),
  });

const nullable = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });

const StoreReply = Type.Object({
  kind: Type.String({ description: '`embedded` or `redis`.', examples: ['embedded'] }),
  state: Type.Unsafe<string>({
    type: 'string',
    enum: STORE_STATES,
    description:
      '`at-risk`: all works, and may be lost or refused soon. `refusing`: it answers reads and takes no writes. `away`: it does not answer.',
    examples: ['ok'],
  }),
  reason: nullable(
    Type.Unsafe<string>({ type: 'string', enum: Object.keys(STORE_REASONS) }),
    'Why, as the store itself says; null while all is well. docs/operations.md says what to do.',
  ),
  since: Type.String({
    format: 'date-time',
    description: 'Since when it has been so.',
    examples: ['2026-11-29T12:00:00.000Z'],
  }),
  lastError: nullable(Type.String(), 'What was wrong last; it may be over.'),
});

const HealthReply = Type.Object({
  status: Type.Unsafe<string>({
    ...state(['pass', 'ok', 'warn']),
    description: '`ok` where others say `pass`, if the setting `geometryOs` was given and is not `off`.',
  }),
  name: Type.String({ description: "The daemon's name.", examples: ['compositord'] }),
  version: Type.String({ examples: ['0.2.0'] }),
  store: StoreReply,
  cursor: cursor({ description: 'The current cursor of the manifest.' }),
  loaded: Type.Boolean({ description: 'The manifest is loaded.' }),
  degraded: Type.Boolean({ description: 'The store is unreachable; reads serve the last known manifest.' }),
  readers: Type.Integer({ description: 'Number of open streams.', examples: [12] }),
  compositors: Type.Integer({ examples: [3] }),
  tiles: Type.Integer({ examples: [3924] }),
  regions: Type.Integer({ examples: [2] }),
  quotas: Type.Object(
    {
      compositors: quotaState([3]),
      tiles: quotaState([3924]),
      regions: quotaState([2]),
      bytes: quotaState([2170000]),
    },
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
  manifestFile: Type.Optional(
    Type.Object(
      {
        state: Type.Unsafe<(typeof FILE_STATES)[number]>({
          type: 'string',
          enum: [...FILE_STATES],
          description:
            '`kept`: equal to the map. `waiting`: for the map, or for a replica that keeps it. `broken`: it cannot be read, and is left alone. `unwritable`: the system forbids to write it. `refused`: the map did not take what is in it. `elsewhere`: a daemon with another store keeps it.',
          examples: ['kept'],
        }),
        detail: Type.Optional(Type.String({ description: 'Why, and what was left out.' })),
      },
      {
        description:
          'How the file is that is kept equal to the map, where there is one. `status` is `warn` when somebody should look at it.',
      },
    ),
  ),
  uptime: Type.Number({ description: 'Seconds since the start.', examples: [86400] }),
});

function stateOf({ count, running, number }: Worker) {
  return { count, running, answered: number };
}

function storeState(kind: string, { state, reason, since, lastError }: StoreStatus) {
  return { kind, state, reason, since: new Date(since).toISOString(), lastError };
}

const StatusReply = Type.Object({ status: state(['pass']) });

const ReadyReply = Type.Object({
  status: state(['pass', 'warn']),
  writes: Type.Boolean({
    description: 'Whether the store takes writes. `status` is `warn` while it does not.',
  }),
});

const ReadyQuery = Type.Object(
  {
    for: Type.Optional(
      Type.Unsafe<'reads' | 'writes'>({
        type: 'string',
        enum: ['reads', 'writes'],
        default: 'reads',
        description: '`writes`: 503 also while the store answers, but takes no writes.',
      }),
    ),
  },
  { additionalProperties: false },
);

function notReady({ copy, connectivity }: Replica): DomainError {
  const { reason } = connectivity.status;
  const why = reason === null ? '' : `: ${STORE_REASONS[reason]}`;
  const text = copy.loaded ? `the store is away${why}` : `the manifest is not loaded yet${why}`;
  return new DomainError('store-unavailable', text, { retryAfter: 1, ...(reason && { reason }) });
}

/** `/health` and `/metrics`: a summary for people, probes for an orchestrator, and metrics for Prometheus. */
export const operationRoutes: Routes<
  'replica' | 'quotaWatch' | 'feed' | 'tileFile' | 'metrics' | 'work' | 'about'
> = async (server, { replica, quotaWatch, feed, tileFile, metrics, work, about }) => {
  // The draft of health+json knows both.
  const fine = about.saysOk ? 'ok' : 'pass';
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
        description:
          'For people and dashboards: 200 also when `status` is `warn`. Orchestrators have probes of their own.',
        response: json('A summary.', HealthReply),
      },
    },
    async () => {
      const { copy, degraded } = replica;
      const storeStatus = replica.connectivity.status;
      const isFileFine = tileFile === undefined || !isBad(tileFile.state);
      const isFine =
        copy.loaded && storeStatus.state === 'ok' && !degraded && !quotaWatch.exceeded && isFileFine;
      return {
        status: isFine ? fine : 'warn',
        name: about.name,
        version: about.version,
        store: storeState(about.store, storeStatus),
        cursor: copy.head,
        loaded: copy.loaded,
        degraded,
        readers: feed.readers,
        compositors: copy.manifest.compositorCount,
        tiles: copy.manifest.tileCount,
        regions: copy.manifest.regionCount,
        quotas: quotaWatch.states,
        ...(about.worker && { workers: stateOf(about.worker) }),
        ...(tileFile && { manifestFile: tileFile.state }),
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
        description: 'Answers as long as the process does, also while the store is away.',
        response: json('The process is alive.', StatusReply),
      },
    },
    async () => ({ status: 'pass' }),
  );

  server.get(
    '/health/ready',
    {
      config: {
        scope: 'open',
        anyHost: true,
        unlimited: true,
        errors: ['store-unavailable', 'store-full', 'store-refuses-writes'],
      },
      schema: {
        operationId: 'getReadiness',
        summary: 'Readiness probe',
        description:
          'Ready means: the manifest is loaded and the store answers, so what is read is up to date. A store that takes no writes is ready all the same, since no other replica could take them either, and reads go on; with `?for=writes` it is not.',
        querystring: ReadyQuery,
        response: json('The daemon is ready for requests.', ReadyReply),
      },
    },
    async ({ query }) => {
      const { copy, degraded, connectivity } = replica;
      if (!copy.loaded || degraded) throw notReady(replica);
      const writes = connectivity.takesWrites;
      if (!writes && query.for === 'writes') throw writeRefused(connectivity.error);
      return { status: writes ? 'pass' : 'warn', writes };
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
