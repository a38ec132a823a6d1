import { Type } from '@sinclair/typebox';
import { viewText } from '../domain/view.ts';
import { originOfRequest } from '../plugins/request-log.ts';
import { viewOf, viewQuery } from './parameters.ts';
import { closed } from './schemas/fields.ts';
import type { Routes } from './services.ts';

/** `/manifest/socket`: the WebSocket of today's InfiniteMap. */
export const tileSocketRoutes: Routes<'sockets' | 'tileFeed' | 'tokens' | 'limits'> = async (
  server,
  { sockets, tileFeed, tokens, limits },
) => {
  server.get(
    '/manifest/socket',
    {
      config: { stream: true, scope: 'read', errors: ['forbidden'] },
      schema: {
        operationId: 'openTileSocket',
        summary: "Follow tiles over InfiniteMap's WebSocket",
        description:
          'Text messages in JSON: `{"type":"tile_update","x":3,"y":-4,"brick":"wall.rts.png","timestamp":1700000000.5}` for each visible change from now on, `camera_update` and `cognitive_update` as compositors send them, and `{"type":"heartbeat","timestamp":1700000000.5}`, which is answered in kind. It cannot say that a tile was removed: `/manifest/stream` can.',
        querystring: Type.Object(viewQuery, closed),
        response: { 101: { description: 'The connection is now a WebSocket.' } },
      },
    },
    (request, reply) => {
      const view = viewOf(request.query);
      const who = originOfRequest(request);
      const leave = request.overRate
        ? undefined
        : limits.sockets.take(limits.clients(request.ip, request.principal));
      let release: () => void = () => undefined;
      sockets.accept(request, reply, {
        open: (sink) => {
          request.log.info({ ...who, view: viewText(view) }, 'socket begins');
          if (!leave && !tileFeed.isFull) return tileFeed.refuse(sink, 'too-many');
          const handle = tileFeed.open(sink, view);
          release = tokens.whileAllowed(request.principal, { scope: 'read' }, () =>
            handle.end('unauthorized'),
          );
          return handle;
        },
        closed: (reason) => {
          leave?.();
          release();
          request.log.info({ ...who, reason, ms: Math.round(reply.elapsedTime) }, 'socket ends');
        },
      });
    },
  );
};
