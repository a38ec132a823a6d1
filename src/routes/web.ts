import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { chooseCoding } from '../plugins/accept-encoding.ts';
import { isFresh } from '../plugins/conditional.ts';
import { addVary, FixedBody, sendFixed } from '../plugins/fixed-body.ts';
import { html, script, withNotModified } from './schemas/replies.ts';
import { escaped } from './html.ts';
import { AnyQuery } from './parameters.ts';
import type { About, Routes } from './services.ts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const FileName = Type.Object({ file: Type.String({ pattern: '^[a-z]+-[A-Z0-9]{8}\\.(?:js|css)$' }) });

/** What the build made for browsers: the client library (docs/client.md), and the live map page with its scripts and style sheet. */
export const webRoutes: Routes<'about' | 'web'> = async (server, { about, web }) => {
  const policy = policyOf(about.brickUrl);
  let page: FixedBody | undefined;
  /** Serves a bundle of the client, which any page may load. */
  const serveModule = (name: string, operationId: string, summary: string, description: string) => {
    let module: FixedBody | undefined;
    server.get(
      `/${name}`,
      {
        config: { scope: 'open', errors: ['not-found'] },
        schema: {
          operationId,
          summary,
          description: `${description} Any query is ignored.`,
          // Pages add a version to the URL to get past caches.
          querystring: AnyQuery,
          response: withNotModified(script('The module.', ['ETag'])),
        },
      },
      async (request, reply) => {
        const file = web.file(name);
        if (!file) throw new DomainError('not-found', 'this daemon was started without its build');
        module ??= new FixedBody(file.body, 'text/javascript; charset=utf-8');
        return sendFixed(request, reply.header('cache-control', 'no-cache'), module);
      },
    );
  };
  serveModule(
    'client.js',
    'getClient',
    'Load the client library for browsers',
    'An ES module that exports `connect` and `attachInfiniteMap`.',
  );
  serveModule(
    'publish.js',
    'getPublisher',
    'Load the library that makes a page a compositor',
    'An ES module that exports `publish`.',
  );
  server.get(
    '/map',
    {
      config: { scope: 'open', errors: ['not-found'] },
      schema: {
        operationId: 'getMap',
        summary: 'Show the live map',
        description: 'A page that shows the map and its changes.',
        // Mail and chat programs add parameters to links.
        querystring: AnyQuery,
        response: withNotModified(html('The page.', ['ETag'])),
      },
    },
    async (request, reply) => {
      page ??= pageOf(web.file('map/index.html')?.body, about);
      if (!page) throw new DomainError('not-found', 'the page was not built');
      reply.header('cache-control', 'no-cache').header('content-security-policy', policy);
      return sendFixed(request, reply, page);
    },
  );
  // Typed with a slash at its end, the address is meant all the same.
  server.get(
    '/map/',
    { config: { scope: 'open' }, schema: { hide: true, querystring: AnyQuery } },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .redirect(`${about.base}/map${new URL(request.url, 'http://localhost').search}`, 302),
  );
  server.get(
    '/map/:file',
    { config: { scope: 'open' }, schema: { hide: true, params: FileName } },
    async (request, reply) => {
      const { file } = request.params;
      const plain = web.file(`map/${file}`);
      if (!plain) throw new DomainError('not-found', `the map has no file ${file}`);
      addVary(reply, 'Accept-Encoding');
      reply.header('etag', plain.etag);
      // The name contains a hash of the content, so the content under one name never changes.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      if (isFresh(request.headers['if-none-match'], plain.etag)) return reply.code(304).send();
      reply.type(TYPES[file.slice(file.lastIndexOf('.') + 1)]!);
      const codings = (['br', 'gzip'] as const).filter((each) => web.file(compressedName(file, each)));
      const coding = chooseCoding(request.headers['accept-encoding'], codings);
      if (coding === undefined) return reply.send(plain.body);
      return reply.header('content-encoding', coding).send(web.file(compressedName(file, coding))!.body);
    },
  );
};

/** The build writes each file of the map in two codings beside itself. */
function compressedName(file: string, coding: 'br' | 'gzip'): string {
  return `map/${file}${{ br: '.br', gzip: '.gz' }[coding]}`;
}

/** Allows only our own scripts, styles and connections; images may also come from the origin of `brickUrl`. */
function policyOf(brickUrl: string | undefined): string {
  const imageOrigin = brickUrl !== undefined && URL.canParse(brickUrl) ? ` ${new URL(brickUrl).origin}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // The page reads pictures itself: what is too large is not taken.
    `connect-src 'self'${imageOrigin}`,
    `img-src 'self' data: blob:${imageOrigin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The built page, completed from the configuration. */
function pageOf(built: Buffer | undefined, { base, name, brickUrl = '' }: About): FixedBody | undefined {
  if (!built) return undefined;
  const values: Record<string, string> = { base, name, pictures: brickUrl };
  const body = built.toString().replace(/%(base|name|pictures)%/g, (_, key: string) => escaped(values[key]!));
  return new FixedBody(body, 'text/html; charset=utf-8');
}
