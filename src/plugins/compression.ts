import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { chooseCoding } from './accept-encoding.ts';
import { CODINGS, compressed, type Coding } from './codings.ts';
import { addVary } from './fixed-body.ts';
import { gzipPieces } from './gzip-pieces.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: replies are sent as they are. */
    compress?: boolean;
  }
}

/** Bytes below which compression saves less than a packet. */
const WORTH_COMPRESSING = 1024;
/** Bytes from which a reply says in `Server-Timing` what took how long. */
const WORTH_TIMING = 32 * 1024;
const TEXT = /^(?:text\/|image\/svg|application\/(?:[\w.-]+\+)?(?:json|javascript|openmetrics-text))/;
/** Replies without a body, and parts of one. */
const NO_WHOLE_BODY = new Set([204, 206, 304]);

/**
 * Compresses replies to GET for clients that accept it. A body that many are sent (one Buffer) is compressed once in each coding;
 * one that comes in pieces is compressed piece by piece, as its client takes them. All of it happens in threads.
 *
 * `@fastify/compress` would compress for each request anew, large bodies with 256 KiB and more of memory for as long as their client
 * takes, and leaves the ETag strong (docs/decisions/0017).
 */
export function addCompression(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (reply.statusCode === 304 && mayVary(request, reply)) addVary(reply, 'Accept-Encoding');
    if (!isWorthIt(payload) || !mayVary(request, reply) || !isText(reply)) return done(null, payload);
    addVary(reply, 'Accept-Encoding');
    const streams = payload instanceof Readable;
    const timed = streams || payload.length >= WORTH_TIMING;
    const made = timed ? reply.elapsedTime : 0;
    if (timed) reply.header('server-timing', `make;dur=${made.toFixed(1)}`);
    const coding = chooseCoding(request.headers['accept-encoding'], streams ? ['gzip'] : CODINGS);
    if (coding === undefined) return done(null, payload);
    if (streams) {
      describe(reply, coding);
      reply.removeHeader('content-length');
      return done(null, Readable.from(gzipPieces(payload), { objectMode: false }));
    }
    const body = compressed(payload, coding);
    if (Buffer.isBuffer(body)) {
      describe(reply, coding, body);
      return done(null, body);
    }
    body.then(
      (coded) => {
        const times = `make;dur=${made.toFixed(1)}, compress;dur=${(reply.elapsedTime - made).toFixed(1)}`;
        if (timed) reply.header('server-timing', times);
        describe(reply, coding, coded);
        done(null, coded);
      },
      (error: unknown) => done(error as Error),
    );
  });
}

function isWorthIt(payload: unknown): payload is string | Buffer | Readable {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length >= WORTH_COMPRESSING;
  return payload instanceof Readable;
}

/** The reply may come in several codings, and none was chosen yet: whoever chose one has named the header in `Vary`. */
function mayVary(request: FastifyRequest, reply: FastifyReply): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (request.routeOptions.config.compress === false || reply.hasHeader('content-encoding')) return false;
  return !String(reply.getHeader('vary') ?? '').includes('Accept-Encoding');
}

function isText(reply: FastifyReply): boolean {
  return !NO_WHOLE_BODY.has(reply.statusCode) && TEXT.test(String(reply.getHeader('content-type')));
}

/** Other bytes for the same content: a strong ETag, which stands for bytes, becomes a weak one (RFC 9110, 8.8.3.3). */
function describe(reply: FastifyReply, coding: Coding, body?: Buffer): void {
  const etag = reply.getHeader('etag');
  if (typeof etag === 'string' && etag.startsWith('"')) reply.header('etag', `W/${etag}`);
  reply.header('content-encoding', coding);
  if (body) reply.header('content-length', String(body.length));
}
