import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Pieces } from '../services/manifest/json-pieces.ts';
import { plainOf } from '../services/manifest/text-piece.ts';
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
 * Compresses replies to GET for clients that accept it. A body that many are sent (one Buffer) is compressed once in each coding; all of
 * it happens in threads. For long texts see {@link sendPieces}.
 *
 * `@fastify/compress` would compress for each request anew, large bodies with 256 KiB and more of memory for as long as their client
 * takes, and leaves the ETag strong (docs/decisions/0017).
 */
export function addCompression(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (reply.statusCode === 304 && mayVary(request, reply)) addVary(reply, 'Accept-Encoding');
    if (!isWorthIt(payload) || !mayVary(request, reply) || !isText(reply)) return done(null, payload);
    addVary(reply, 'Accept-Encoding');
    const timed = payload.length >= WORTH_TIMING;
    const made = timed ? timeToMake(reply) : 0;
    const coding = chooseCoding(request.headers['accept-encoding'], CODINGS);
    if (coding === undefined) return done(null, payload);
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

/** The client takes gzip: a long text is best sent by {@link sendPieces}. */
export function takesGzip({ headers }: FastifyRequest): boolean {
  return chooseCoding(headers['accept-encoding'], ['gzip']) !== undefined;
}

/**
 * Sends a long text as its client takes it, in gzip if the client does: the pieces that are kept compressed are sent as they are, and the
 * others compressed one by one. `length`: bytes of the plain text, where that is known.
 */
export function sendPieces(reply: FastifyReply, pieces: Pieces, length?: number): FastifyReply {
  addVary(reply, 'Accept-Encoding');
  timeToMake(reply);
  const gzip = takesGzip(reply.request);
  if (gzip) describe(reply, 'gzip');
  else if (length !== undefined) reply.header('content-length', String(length));
  // Fastify would read it to its end to answer HEAD; of an empty text it would say that it has no bytes.
  if (reply.request.method === 'HEAD') return reply.send(Readable.from([]));
  const bytes = gzip ? gzipPieces(pieces) : plainPieces(pieces);
  return reply.send(Readable.from(bytes, { objectMode: false }));
}

async function* plainPieces(pieces: Pieces): AsyncGenerator<Buffer, void, undefined> {
  for await (const segment of pieces) yield plainOf(segment);
}

/** Says how long it took to make the body, in milliseconds. */
function timeToMake(reply: FastifyReply): number {
  const { elapsedTime } = reply;
  reply.header('server-timing', `make;dur=${elapsedTime.toFixed(1)}`);
  return elapsedTime;
}

function isWorthIt(payload: unknown): payload is string | Buffer {
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= WORTH_COMPRESSING;
}

/** The reply may come in several codings, and none was chosen yet: whoever chose one has named the header in `Vary`. */
function mayVary(request: FastifyRequest, reply: FastifyReply): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (request.routeConfig.compress === false || reply.hasHeader('content-encoding')) return false;
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
