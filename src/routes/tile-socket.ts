import { Type } from '@sinclair/typebox';
import { USER_AGENT } from '../domain/connector.ts';
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
          'A WebSocket, which `npx wscat -c ws://127.0.0.1:8760/manifest/socket` shows and `/docs` cannot. Text messages in JSON: `{"type":"tile_update","x":3,"y":-4,"brick":"wall.rts.png","timestamp":1700000000.5}` for each visible change from now on, messages such as `camera_update` as compositors and other clients of such sockets send them (with the scope `relay`, on whatever replica; docs/infinite-map.md), and `{"type":"heartbeat","timestamp":1700000000.5}`, which is answered in kind: whole numbers to whole numbers, milliseconds to milliseconds. It cannot say that a tile was removed: `/manifest/stream` can.',
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
          const isDaemon = request.headers['user-agent'] === USER_AGENT;
          const handle = tileFeed.open(sink, { view, isDaemon });
          if (!sockets.mayRelay(request)) handle.forbid('relay');
          const { principal } = request;
          const releases = [
            tokens.whileAllowed(principal, { scope: 'read' }, () => handle.end('unauthorized')),
            tokens.whileAllowed(principal, { scope: 'relay' }, () => handle.forbid('relay')),
            tokens.whileAllowed(principal, { scope: 'command' }, () => handle.forbid('command')),
          ];
          release = () => releases.forEach((each) => each());
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
