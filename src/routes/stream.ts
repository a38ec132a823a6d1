import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { isCompositorId } from '../domain/compositor.ts';
import { MAX_ZOOM } from '../domain/area.ts';
import { parseRect, viewText } from '../domain/view.ts';
import { chooseCoding } from '../plugins/accept-encoding.ts';
import { sendStreamHead, startStream } from '../plugins/event-stream.ts';
import { addVary } from '../plugins/fixed-body.ts';
import { originOfRequest } from '../plugins/request-log.ts';
import { withoutSecrets } from '../plugins/without-secrets.ts';
import { overviewQuery, viewOf } from './parameters.ts';
import { closed, ref } from './schemas/fields.ts';
import {
  ByeSchema,
  OpenedSchema,
  PatchEventSchema,
  SnapshotSchema,
  SyncedSchema,
  ViewEventSchema,
} from './schemas/manifest.ts';
import { OverviewPatchSchema, OverviewSnapshotSchema } from './schemas/overview.ts';
import type { Routes } from './services.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers with a stream and writes its own log lines. */
    stream?: boolean;
  }
}

const Query = Type.Object(
  {
    ...overviewQuery,
    lastEventId: Type.Optional(
      Type.String({
        description:
          'As the header `Last-Event-ID`, for an EventSource in JavaScript that may not set it. `last-event-id` and `Last-Event-ID` mean the same.',
        examples: ['1042-9f3a2c1b'],
      }),
    ),
    'last-event-id': Type.Optional(Type.String({ description: 'As `lastEventId`.' })),
    'Last-Event-ID': Type.Optional(Type.String({ description: 'As `lastEventId`.' })),
    since: Type.Optional(
      Type.String({
        description:
          'The event id to resume from, on a first connection. One that is not in the history leads to a snapshot.',
        examples: ['1042-9f3a2c1b'],
      }),
    ),
  },
  closed,
);

const Headers = Type.Object({
  'Accept-Encoding': Type.Optional(
    Type.String({
      description: 'With `gzip` the stream comes compressed, each frame as soon as without it.',
      examples: ['gzip'],
    }),
  ),
  'Last-Event-ID': Type.Optional(
    Type.String({
      description: 'The id of the last event, as an EventSource sends it; beats `since`. Never an error.',
      examples: ['1042-9f3a2c1b'],
    }),
  ),
});

const EVENTS = [
  ...[OpenedSchema, SnapshotSchema, OverviewSnapshotSchema, ViewEventSchema],
  ...[PatchEventSchema, OverviewPatchSchema, SyncedSchema, ByeSchema],
];

const eventStream = {
  description:
    'Server-sent events, without end. `opened`, `snapshot`, `view`, `patch`, `synced` and `bye` carry JSON as the schemas `Opened`, `Snapshot`, `ViewEvent`, `PatchEvent`, `Synced` and `Bye` say (of an overview, `OverviewSnapshot` and `OverviewPatch`); readers ignore events and fields they do not know. openapi/event-stream.md has the protocol.',
  content: {
    'text/event-stream': {
      schema: {
        type: 'string',
        contentMediaType: 'text/event-stream',
        contentSchema: {
          anyOf: EVENTS.map(ref),
        },
        examples: [
          'retry: 2000\n\nid: 1042-9f3a2c1b~\nevent: snapshot\ndata: {"reason":"initial","view":{"rect":null,"compositors":null},"compositors":{},"tiles":{}}\n\n',
        ],
      },
    },
  },
};

const PLACES = ['lastEventId', 'last-event-id', 'Last-Event-ID'] as const;

/** The last event that a returning reader knows; undefined on a first connection. */
function lastEventOf(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id'];
  if (typeof header === 'string') return header;
  const query = request.query as Record<string, unknown>;
  return PLACES.flatMap((name) => query[name] ?? [])
    .filter((each) => typeof each === 'string')
    .at(-1);
}

function isZoom(n: number): boolean {
  return Number.isInteger(n) && n >= 0 && n <= MAX_ZOOM;
}

/** What is valid in the query of a returning reader. */
function validPart(query: Record<string, unknown>): {
  view?: string;
  compositor?: string[];
  zoom?: number;
  since?: string;
} {
  const texts = (name: string) => [query[name] ?? []].flat().filter((each) => typeof each === 'string');
  const view = texts('view')
    .filter((each) => parseRect(each))
    .at(-1);
  const compositor = texts('compositor').filter(isCompositorId);
  const zoom = [query['zoom'] ?? []].flat().map(Number).filter(isZoom).at(-1);
  const since = texts('since').at(-1);
  return {
    ...(zoom !== undefined && { zoom }),
    ...(view !== undefined && { view }),
    ...(compositor.length > 0 && { compositor }),
    ...(since !== undefined && { since }),
  };
}

/** `/manifest/stream`: every change, as it happens. */
export const streamRoutes: Routes<'feed' | 'tokens' | 'limits'> = async (
  server,
  { feed, tokens, limits },
) => {
  server.get(
    '/manifest/stream',
    {
      config: { stream: true, scope: 'read' },
      // An EventSource gives up on 400, so one that returns is served by what is valid.
      attachValidation: true,
      schema: {
        operationId: 'streamManifest',
        summary: 'Follow the manifest, live',
        description:
          'It has no end: `curl -N 127.0.0.1:8760/manifest/stream` shows it, and `/docs` the beginning. Overload is not an error here: the answer is 200, `bye`, and the end, since an EventSource gives up on any other status.',
        querystring: Query,
        headers: Headers,
        response: { 200: eventStream },
      },
    },
    (request, reply) => {
      const last = lastEventOf(request);
      if (request.validationError && last === undefined) throw request.validationError;
      const query = request.validationError ? validPart(request.query) : request.query;
      const view = viewOf(query);
      const since = last === undefined || last === '' ? query.since : last;
      const gzip = chooseCoding(request.headers['accept-encoding'], ['gzip']) === 'gzip';
      addVary(reply, 'Accept-Encoding');
      reply.hijack();
      if (request.method === 'HEAD') {
        sendStreamHead(reply.raw, { headers: reply.getHeaders(), gzip });
        return;
      }
      const who = originOfRequest(request);
      const from = since === undefined ? undefined : withoutSecrets(since.slice(0, 40));
      request.log.info({ ...who, view: viewText(view), since: from }, 'stream begins');
      const leave = request.overRate
        ? undefined
        : limits.streams.take(limits.clients(request.ip, request.principal));
      let release: () => void = () => undefined;
      startStream(reply.raw, {
        headers: reply.getHeaders(),
        gzip,
        open: (sink) => {
          if (request.overRate) return feed.refuse(sink, 'rate-limited');
          if (!leave && !feed.isFull) return feed.refuse(sink, 'too-many');
          const handle = feed.open(sink, { view, since, owner: request.principal.key });
          release = tokens.whileAllowed(request.principal, { scope: 'read' }, () =>
            handle.end('unauthorized'),
          );
          return handle;
        },
        closed: (reason) => {
          leave?.();
          release();
          request.log.info({ ...who, reason, ms: Math.round(reply.elapsedTime) }, 'stream ends');
        },
      });
    },
  );
};
