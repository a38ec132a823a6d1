import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeJson } from './json.ts';

/** What servers that compress add to an ETag: Apache `-gzip`, Jetty `--gzip`, others `;gzip`. */
const CODING = /(?:--?|;)(?:gzip|deflate|br|zstd)"$/;

/**
 * Whether `If-None-Match` names `etag`. The comparison is weak, and blind to the names of codings, because proxies that
 * compress make strong ETags weak or add a coding to them.
 */
export function isFresh(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  const bare = withoutWeakness(etag);
  return header.split(',').some((each) => {
    const named = withoutWeakness(each.trim());
    return named === bare || named.replace(CODING, '"') === bare;
  });
}

function withoutWeakness(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}

/** The ETag of a body: a hash of it. */
export function hashEtag(body: string | Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Sends `value` as JSON with a hash as its ETag, or 304. For values without a cursor: leases change without a commit. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, value: unknown): FastifyReply {
  return sendTaggedText(request, reply, encodeJson(value));
}

/** The same for a value that is encoded already. */
export function sendTaggedText(request: FastifyRequest, reply: FastifyReply, json: string): FastifyReply {
  reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8');
  return sendConditional(request, reply, json, hashEtag(json));
}

/** Sends `body` with its ETag; or 304, when the client has it. */
export function sendConditional(
  request: FastifyRequest,
  reply: FastifyReply,
  body: string | Buffer,
  etag: string,
): FastifyReply {
  return sendNotModified(request, reply, etag) ? reply : reply.send(body);
}

/** Sets the ETag of a reply. Sends 304 instead of it where the client has that already; returns whether it did. */
export function sendNotModified(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  reply.header('etag', etag);
  const known = isFresh(request.headers['if-none-match'], etag);
  if (known) void reply.removeHeader('content-type').code(304).send();
  return known;
}
