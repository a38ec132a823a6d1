import { METHODS, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { DomainError, invalid } from '../domain/errors.ts';
import type { ForwardHeaders, ForwardReply } from '../domain/forwarder.ts';
import { hasBody } from '../plugins/body-timeout.ts';
import { replies } from './schemas/replies.ts';
import { compositorId } from './schemas/text.ts';
import type { Services } from './services.ts';

const PathParams = Type.Object({
  id: compositorId(),
  '*': Type.String({
    description: 'The path there, passed on as it is, with its query.',
    examples: ['api/status'],
  }),
});
const URL = '/compositors/:id/proxy/*';
const DOCUMENTED = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Of CONNECT nothing comes here; TRACE would echo what its caller must not see. HEAD comes with GET. */
const OTHERS = METHODS.filter((method) => ![...DOCUMENTED, 'HEAD', 'CONNECT', 'TRACE'].includes(method));

const forwarded = {
  description: "The compositor's own reply, whatever its status; it has `Via: 1.1 compositord`.",
  content: { '*/*': { schema: {} } },
};

/** `/compositors/{id}/proxy/*`: the compositor's own HTTP API. */
export const proxyRoutes: FastifyPluginCallbackTypebox<Services> = (server, services, done) => {
  const { proxy, tokens, about } = services;
  // Whatever type and size a body has, it goes on as it comes.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  for (const method of OTHERS)
    if (!server.supportedMethods.includes(method)) server.addHttpMethod(method, { hasBody: true });

  const route = {
    url: URL,
    config: { scope: 'command', watchesBody: true },
    onRequest: (request, _reply, next) => {
      // A type that Fastify cannot read is the compositor's to refuse.
      request.headers = { 'content-type': 'application/octet-stream' };
      next(refusedUpgrade(request.raw));
    },
    handler: async (request, reply) => {
      const { id } = request.params as { id: string };
      const gone = new AbortController();
      // A forwarded request ends when its token is revoked.
      const required = { scope: 'command', compositor: id } as const;
      const release = tokens.whileAllowed(request.principal, required, () => gone.abort());
      reply.raw.once('close', () => {
        release();
        gone.abort();
      });
      const answer = await proxy.forward(
        id,
        {
          method: request.method,
          path: pathOf(request.raw, about.base),
          headers: headersOf(request.raw),
          ...(hasBody(request.raw) && { body: request.raw }),
        },
        `${about.base}/compositors/${id}/proxy`,
        gone.signal,
      );
      sendReply(reply, answer);
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
          'Any method, path, query and body. Bodies are streamed both ways, of any size and for as long as bytes flow. Neither cookies nor credentials pass, either way. Only for compositors with the protocol http or https.',
        tags: ['compositors'],
        params: PathParams,
        'x-body-any': method !== 'GET',
        response: replies(
          { default: forwarded },
          'invalid-request',
          'not-found',
          'not-connected',
          'rate-limited',
          'bad-answer',
          'store-unavailable',
          'timed-out',
        ),
      },
    });
  server.route({ ...route, method: OTHERS, schema: { params: PathParams, hide: true } });
  done();
};

/** At once, though its body may begin in an hour: a live stream is open when its head is there. */
function sendReply(reply: FastifyReply, { status, headers, body }: ForwardReply): void {
  try {
    reply.raw.writeHead(status, { ...reply.getHeaders(), ...headers } as OutgoingHttpHeaders);
  } catch (error) {
    // What Node will not send; nothing was.
    body.destroy();
    throw new DomainError('bad-answer', 'the head of its answer is not HTTP', { cause: error });
  }
  reply.hijack();
  // Not flushHeaders: that writes the head as UTF-8, and a header of Latin-1 with it.
  reply.raw.write('', 'latin1');
  pipeline(body, reply.raw, () => undefined);
}

/** From the slash after `proxy` on, byte for byte: what is decoded and encoded again is not always the same. */
function pathOf(request: IncomingMessage, base: string): string {
  // Also `GET http://host/path`, as clients that think we are their proxy say it.
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

/** Some clients offer h2c with every request and are content without it; any other upgrade is wanted. */
function refusedUpgrade({ headers }: FastifyRequest['raw']): Error | undefined {
  const wanted = headers.upgrade?.split(',').map((each) => each.trim().toLowerCase()) ?? [];
  if (wanted.every((each) => each === 'h2c')) return undefined;
  return invalid('header', 'Upgrade', 'no other protocol is forwarded; connect to the compositor itself');
}
