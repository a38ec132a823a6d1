import { Type } from '@sinclair/typebox';
import { MAX_ZOOM } from '../domain/area.ts';
import { closed, compositorId, rectangle, ref } from './schemas/fields.ts';
import { ViewSchema } from './schemas/manifest.ts';
import { json } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const StreamParams = Type.Object({
  stream: Type.String({
    description: 'The id of the stream, as its event `opened` says.',
    examples: ['0f3a9c51b2d4.q5Jt0u9nQxS1yq2bR7w8Zg'],
  }),
});

const Body = Type.Object(
  {
    view: Type.Optional(
      Type.Unsafe<string | null>({
        ...rectangle({ description: 'A rectangle of cells, `x1,y1,x2,y2`; null: the whole plane.' }),
        type: ['string', 'null'],
      }),
    ),
    compositors: Type.Optional(
      Type.Unsafe<string[] | null>({
        type: ['array', 'null'],
        items: compositorId(),
        maxItems: 64,
        description: 'Only these compositors and their tiles; null: all.',
      }),
    ),
    zoom: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_ZOOM,
        description: 'From 1 on an overview; 0: tiles.',
        examples: [3],
      }),
    ),
  },
  {
    ...closed,
    minProperties: 1,
    description: 'What is absent stays as it is.',
    examples: [{ view: '8,-8,24,8' }],
  },
);

const Accepted = Type.Object({ view: ref(ViewSchema) }, { description: 'What the stream will show.' });

/** `/manifest/streams/{stream}`: what an open stream shows. */
export const streamViewRoutes: Routes<'streamViews'> = async (server, { streamViews }) => {
  server.patch(
    '/manifest/streams/:stream',
    {
      // Only whoever reads the stream knows its id, and nothing of the manifest changes: a page that may read may do this.
      config: { scope: 'read', isRead: true, errors: ['not-found', 'timed-out'] },
      schema: {
        operationId: 'moveStream',
        summary: 'Change what an open stream shows',
        description:
          'Open a stream first, such as with `curl -N`: its first event, `opened`, has its id. The stream says `view` when it shows the new view, sends what came into view, and then `synced`; what both views show is not sent again. Several changes before that are one. It works on any replica. 404: the stream has ended, or was opened with another token.',
        params: StreamParams,
        body: Body,
        response: json('The stream will change its view.', Accepted, [], 202),
      },
    },
    async (request, reply) => {
      const view = await streamViews.change(request.params.stream, request.principal.key, request.body);
      return reply.code(202).send({ view });
    },
  );
};
