import { createHash } from 'node:crypto';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { isFresh } from '../plugins/conditional.ts';
import { empty, html, openReplies } from './schemas/replies.ts';
import type { Services } from './services.ts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const FileName = Type.Object({ file: Type.String({ pattern: '^[a-z]+-[A-Z0-9]{8}\\.(?:js|css)$' }) });

/** `/map`: the page that shows the plane, and its script and style below it. */
export const mapRoutes: FastifyPluginCallbackTypebox<Services> = (server, { about, web }, done) => {
  const policy = policyOf(about.brickUrl);
  let page: { body: string; etag: string } | undefined;
  server.get(
    '/map',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getMap',
        summary: 'Look at the map',
        description: 'A page that shows the plane as it changes.',
        tags: ['operation'],
        response: openReplies(
          { 200: html('The page.', ['ETag']), 304: empty('Not changed since `If-None-Match`.', ['ETag']) },
          'not-found',
        ),
      },
    },
    async (request, reply) => {
      page ??= pageOf(web.file('map/index.html')?.body, about);
      if (!page) throw new DomainError('not-found', 'the page was not built');
      reply
        .header('etag', page.etag)
        .header('cache-control', 'no-cache')
        .header('content-security-policy', policy);
      if (isFresh(request.headers['if-none-match'], page.etag)) return reply.code(304).send();
      return reply.type('text/html; charset=utf-8').send(page.body);
    },
  );
  server.get(
    '/map/:file',
    // No schema for the query of either: links get one added on their way.
    { config: { scope: 'open' }, schema: { hide: true, params: FileName } },
    async (request, reply) => {
      const { file } = request.params;
      const plain = web.file(`map/${file}`);
      if (!plain) throw new DomainError('not-found', `the map has no file ${file}`);
      reply.header('vary', 'Accept-Encoding').header('etag', plain.etag);
      // The name holds a hash of what is in it: it never means anything else.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      if (isFresh(request.headers['if-none-match'], plain.etag)) return reply.code(304).send();
      reply.type(TYPES[file.slice(file.lastIndexOf('.') + 1)]!);
      const accepted = request.headers['accept-encoding'] ?? '';
      for (const [coding, suffix] of [
        ['br', '.br'],
        ['gzip', '.gz'],
      ] as const) {
        const packed =
          new RegExp(`\\b${coding}\\b(?!;q=0)`).test(accepted) && web.file(`map/${file}${suffix}`);
        if (packed) return reply.header('content-encoding', coding).send(packed.body);
      }
      return reply.send(plain.body);
    },
  );
  done();
};

/** Nothing but our own files runs and nobody else is talked to; pictures may come from where the bricks are. */
function policyOf(brickUrl: string | undefined): string {
  const pictures = brickUrl !== undefined && URL.canParse(brickUrl) ? ` ${new URL(brickUrl).origin}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    `img-src 'self' data: blob:${pictures}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The built page with what only the configuration knows. */
function pageOf(
  built: Buffer | undefined,
  { base, name, brickUrl = '' }: Services['about'],
): { body: string; etag: string } | undefined {
  if (!built) return undefined;
  const values: Record<string, string> = { base, name, pictures: brickUrl };
  const body = built.toString().replace(/%(base|name|pictures)%/g, (_, key: string) => escaped(values[key]!));
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
