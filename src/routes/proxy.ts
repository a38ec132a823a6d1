import { METHODS, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { DomainError, invalid } from '../domain/errors.ts';
import type { ForwardHeaders, ForwardReply } from '../domain/forwarder.ts';
import { hasBody } from '../plugins/body-timeout.ts';
import { AnyQuery } from './parameters.ts';
import { compositorId } from './schemas/fields.ts';
import type { Routes } from './services.ts';

const PathParams = Type.Object({
  id: compositorId(),
  '*': Type.String({
    description: 'The path on the compositor; it is passed on unchanged, with its query.',
    examples: ['health'],
  }),
});
const URL = '/compositors/:id/proxy/*';
const DOCUMENTED = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Node handles CONNECT itself, TRACE would echo headers that its client must not see, and HEAD comes with GET. */
const UNDOCUMENTED = METHODS.filter(
  (method) => ![...DOCUMENTED, 'HEAD', 'CONNECT', 'TRACE'].includes(method),
);

const forwarded = {
  description: "The compositor's own reply, whatever its status. It has the header `Via: 1.1 compositord`.",
  content: { '*/*': { schema: {} } },
};

/** `/compositors/{id}/proxy/*`: the compositor's own HTTP API. */
export const proxyRoutes: Routes<'proxy' | 'tokens' | 'about'> = async (server, { proxy, tokens, about }) => {
  // A body of any type and size is passed on unread.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  for (const method of UNDOCUMENTED)
    if (!server.supportedMethods.includes(method)) server.addHttpMethod(method, { hasBody: true });

  const route = {
    url: URL,
    config: {
      // The compositor's own reply, byte for byte.
      compress: false,
      scope: 'command',
      watchesBody: true,
      errors: ['not-found', 'not-connected', 'rate-limited', 'bad-answer', 'store-unavailable', 'timed-out'],
    },
    onRequest: (request, _reply, next) => {
      // Fastify would refuse a malformed content type; that is up to the compositor.
      request.headers = { 'content-type': 'application/octet-stream' };
      next(refusedUpgrade(request.raw));
    },
    handler: async (request, reply) => {
      const { id } = request.params as { id: string };
      const ended = new AbortController();
      // A forwarded request ends when its token is revoked.
      const required = { scope: 'command', compositor: id } as const;
      const release = tokens.whileAllowed(request.principal, required, () => ended.abort());
      reply.raw.once('close', () => {
        release();
        ended.abort();
      });
      const forwardReply = await proxy.forward(
        id,
        {
          method: request.method,
          path: pathOf(request.raw, about.base),
          headers: headersOf(request.raw),
          ...(hasBody(request.raw) && { body: request.raw }),
        },
        `${about.base}/compositors/${id}/proxy`,
        ended.signal,
      );
      sendReply(reply, forwardReply);
    },
  } satisfies Partial<RouteOptions>;

  for (const method of DOCUMENTED)
    server.route({
      ...route,
      method,
      schema: {
        operationId: `forward${method[0]!}${method.slice(1).toLowerCase()}`,
        summary: `Forward ${/^[AO]/.test(method) ? 'an' : 'a'} ${method} to the compositor's own HTTP API`,
        description:
          'Any method, path, query and body. Bodies of any size are streamed both ways for as long as bytes flow. Cookies and credentials are not forwarded in either direction. The compositor must have the protocol http or https, and be connected: else 409.',
        params: PathParams,
        querystring: AnyQuery,
        'x-body-any': method !== 'GET',
        response: { default: forwarded },
      },
    });
  server.route({ ...route, method: UNDOCUMENTED, schema: { params: PathParams, hide: true } });
};

/** Sends the head at once: the client of a live stream sees it open even if its first event comes much later. */
function sendReply(reply: FastifyReply, { status, headers, body }: ForwardReply): void {
  try {
    const own = reply.getHeaders();
    // A cache must keep apart what the daemon tells apart, and what the compositor does.
    const vary = [own['vary'], headers['vary']].flat().filter((each) => each !== undefined);
    reply.raw.writeHead(status, {
      ...own,
      ...headers,
      ...(vary.length > 0 && { vary: vary.join(', ') }),
    } as OutgoingHttpHeaders);
  } catch (error) {
    // Node refuses to send this head, so nothing was sent yet.
    body.destroy();
    throw new DomainError('bad-answer', 'the head of its answer is not HTTP', { cause: error });
  }
  reply.hijack();
  // flushHeaders would write the head as UTF-8 and so change a Latin-1 header.
  reply.raw.write('', 'latin1');
  pipeline(body, reply.raw, () => undefined);
}

/** The URL from the slash after `proxy` on, byte for byte: decoding and encoding it again could change it. */
function pathOf(request: IncomingMessage, base: string): string {
  // A client that takes the daemon for its proxy sends `GET http://host/path`.
  const url = request.url!.replace(/^https?:\/\/[^/]*/i, '');
  const before = base.split('/').length + '/compositors/id/proxy'.split('/').length - 2;
  return url.replace(new RegExp(`^(?:/[^/]*){${before}}`), '');
}

function headersOf(request: IncomingMessage): ForwardHeaders {
  const entries = Object.entries(request.headersDistinct).map(
    ([name, values = []]) => [name, values.length === 1 ? values[0]! : values] as const,
  );
  return Object.fromEntries(entries);
}

/** Some clients offer h2c with every request and work without it. Any other upgrade is refused, because it would fail later. */
function refusedUpgrade({ headers }: FastifyRequest['raw']): Error | undefined {
  const wanted = headers.upgrade?.split(',').map((each) => each.trim().toLowerCase()) ?? [];
  if (wanted.every((each) => each === 'h2c')) return undefined;
  return invalid(
    'header',
    'Upgrade',
    'the proxy forwards no other protocol; connect to the compositor itself',
  );
}
