import { Type } from '@sinclair/typebox';
import { viewText } from '../domain/view.ts';
import { sendStreamHead, startStream } from '../plugins/event-stream.ts';
import { viewOf, viewQuery } from './parameters.ts';
import { closed, ref } from './schemas/fields.ts';
import { ByeSchema, PatchEventSchema, SnapshotSchema, SyncedSchema } from './schemas/manifest.ts';
import type { Routes } from './services.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers with a stream and writes its own log lines. */
    stream?: boolean;
  }
}

const Query = Type.Object(
  {
    ...viewQuery,
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
  'Last-Event-ID': Type.Optional(
    Type.String({
      description: 'The id of the last event, as an EventSource sends it; beats `since`. Never an error.',
      examples: ['1042-9f3a2c1b'],
    }),
  ),
});

const eventStream = {
  description:
    'Server-sent events, without end. `snapshot`, `patch`, `synced` and `bye` carry JSON as the schemas `Snapshot`, `PatchEvent`, `Synced` and `Bye` say; readers ignore events and fields they do not know. openapi/event-stream.md has the protocol.',
  content: {
    'text/event-stream': {
      schema: {
        type: 'string',
        contentMediaType: 'text/event-stream',
        contentSchema: {
          anyOf: [ref(SnapshotSchema), ref(PatchEventSchema), ref(SyncedSchema), ref(ByeSchema)],
        },
        examples: [
          'retry: 2000\n\nid: 1042-9f3a2c1b~\nevent: snapshot\ndata: {"reason":"initial","view":{"rect":null,"compositors":null},"compositors":{},"tiles":{}}\n\n',
        ],
      },
    },
  },
};

/** `/manifest/stream`: every change, as it happens. */
export const streamRoutes: Routes<'feed' | 'tokens'> = async (server, { feed, tokens }) => {
  server.get(
    '/manifest/stream',
    {
      config: { stream: true, scope: 'read' },
      schema: {
        operationId: 'streamManifest',
        summary: 'Follow the manifest, live',
        description:
          'Overload is not an error here: the answer is 200, `bye`, and the end, since an EventSource gives up on any other status.',
        querystring: Query,
        headers: Headers,
        response: { 200: eventStream },
      },
    },
    (request, reply) => {
      const view = viewOf(request.query);
      const last = request.headers['last-event-id'];
      const since = typeof last === 'string' ? last : request.query.since;
      reply.hijack();
      if (request.method === 'HEAD') {
        sendStreamHead(reply.raw, reply.getHeaders());
        return;
      }
      request.log.info({ view: viewText(view), since: since?.slice(0, 40) }, 'stream opened');
      let release: () => void = () => undefined;
      startStream(reply.raw, {
        headers: reply.getHeaders(),
        open: (sink) => {
          const handle = feed.open(sink, { view, since });
          release = tokens.whileAllowed(request.principal, { scope: 'read' }, () =>
            handle.end('unauthorized'),
          );
          return handle;
        },
        closed: () => {
          release();
          request.log.info({ ms: Math.round(reply.elapsedTime) }, 'stream closed');
        },
      });
    },
  );
};
