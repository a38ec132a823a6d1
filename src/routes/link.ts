import { Type } from '@sinclair/typebox';
import { hasEndpoint, type Compositor } from '../domain/compositor.ts';
import { DomainError } from '../domain/errors.ts';
import { isLeased } from '../domain/lease.ts';
import { LINK_ENDS } from '../domain/link-end.ts';
import { originOfRequest } from '../plugins/request-log.ts';
import { notConnected } from '../services/commands/command-service.ts';
import { FencedHeaders, generationOf, IdParams } from './parameters.ts';
import { closed, generation } from './schemas/fields.ts';
import { HOLDER_ERRORS } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const Query = Type.Object(
  {
    generation: Type.Optional(
      generation({ description: 'As the header `Lease-Generation`, for pages: they cannot set it.' }),
    ),
  },
  closed,
);

/** `/compositors/{id}/link`: the connection of a compositor that the daemon cannot reach, opened from the other side. */
export const linkRoutes: Routes<
  'registry' | 'supervisor' | 'sockets' | 'dialedLink' | 'tokens' | 'limits'
> = async (server, { registry, supervisor, sockets, dialedLink, tokens, limits }) => {
  /** Renews the lease, as every sign of life of its holder does, and throws when the compositor may have no link. */
  const requireLinkable = async (id: string, wanted: string | undefined): Promise<Compositor> => {
    const entry = await registry.find(id);
    if (isLeased(entry)) await registry.renew(id, wanted);
    const now = registry.require(id, wanted);
    if (!now.enabled) throw notConnected(id, now);
    if (hasEndpoint(now))
      throw new DomainError(
        'has-endpoint',
        `${JSON.stringify(id)} names an endpoint: the daemon connects there`,
      );
    return now;
  };

  server.get(
    '/compositors/:id/link',
    {
      config: {
        stream: true,
        scope: 'write',
        tokenInProtocol: true,
        errors: [...HOLDER_ERRORS, 'not-connected', 'has-endpoint', 'rate-limited'],
      },
      schema: {
        operationId: 'openLink',
        summary: 'Dial in: open the link of a compositor',
        description:
          'A WebSocket, which `/docs` cannot open, for a compositor that the daemon cannot reach: behind NAT, or in a browser. The compositor registers without an address and opens it; then both sides send the same messages as over a connection that the daemon opens (docs/connectors.md). While it lasts, the compositor is `connected` and its lease is renewed. There is one link for each compositor: a second one of the same registration replaces the first. Pages, which cannot set headers, send the generation in the query, and a token as the subprotocol `compositord.bearer.<token in base64url>` beside `compositord.link`.',
        params: IdParams,
        querystring: Query,
        headers: FencedHeaders,
        response: { 101: { description: 'The connection is now a WebSocket.' } },
      },
    },
    async (request, reply) => {
      sockets.requireUpgrade(request);
      const { id } = request.params;
      const { principal } = request;
      if (request.overRate) throw tooMany();
      const entry = await requireLinkable(id, generationOf(request.headers) ?? request.query.generation);
      const leave = limits.sockets.take(limits.clients(request.ip, principal));
      if (!leave) throw tooMany();
      let accepted;
      try {
        accepted = sockets.acceptLink(request, reply);
      } catch (error) {
        leave();
        throw error;
      }
      const who = { ...originOfRequest(request), compositor: id };
      request.log.info(who, 'link begins');
      const handle = supervisor.takeLink(id, {
        dialed: dialedLink(accepted),
        writer: { generation: entry.generation, principal },
      });
      const release = tokens.whileAllowed(principal, { scope: 'write', compositor: id }, () =>
        handle.end(LINK_ENDS.unauthorized),
      );
      accepted.webSocket.once('close', (code) => {
        leave();
        release();
        handle.closed();
        request.log.info({ ...who, code, ms: Math.round(reply.elapsedTime) }, 'link ends');
      });
    },
  );
};

function tooMany(): DomainError {
  return new DomainError('rate-limited', 'too many requests, or open sockets, of this client', {
    retryAfter: 1,
  });
}
