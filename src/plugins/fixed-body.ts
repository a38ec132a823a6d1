import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseCoding } from './accept-encoding.ts';
import { hashEtag, isFresh } from './conditional.ts';

/** Below it, compression saves less than a packet. */
const WORTH_COMPRESSING = 1024;

/** A body that never changes: hashed and compressed once, however often it is sent. */
export class FixedBody {
  readonly body: Buffer;
  /** A strong validator, quotes included. */
  readonly etag: string;
  readonly type: string;
  #compressed: Buffer | undefined;

  constructor(body: string | Buffer, type: string) {
    this.body = Buffer.from(body);
    this.etag = hashEtag(this.body);
    this.type = type;
    if (this.body.length < WORTH_COMPRESSING) return;
    // In a thread: a megabyte takes 50 ms. Who asks before it is done gets the body as it is.
    gzip(this.body, { level: 9 }, (_error, compressed) => {
      this.#compressed = compressed;
    });
  }

  /** The same body in gzip, once it is there. */
  get compressed(): { readonly body: Buffer; readonly etag: string } | undefined {
    // Other bytes need another strong validator (RFC 9110, 8.8.3.3).
    return this.#compressed && { body: this.#compressed, etag: this.etag.replace(/"$/, '-gzip"') };
  }
}

/** Sends a body in the coding that the client prefers; or 304, when the client has it in one of them. */
export function sendFixed(request: FastifyRequest, reply: FastifyReply, fixed: FixedBody): FastifyReply {
  addVary(reply, 'Accept-Encoding');
  const given = request.headers['if-none-match'];
  const compressed = chooseCoding(request.headers['accept-encoding'], ['gzip'])
    ? fixed.compressed
    : undefined;
  const chosen = compressed ?? fixed;
  reply.header('etag', chosen.etag);
  const known = isFresh(given, fixed.etag) || (fixed.compressed && isFresh(given, fixed.compressed.etag));
  if (known) return reply.code(304).send();
  if (compressed) reply.header('content-encoding', 'gzip');
  return reply.header('content-type', fixed.type).send(chosen.body);
}

/** Names one more header on which the reply depends; CORS may have named `Origin`. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary');
  reply.header('vary', before === undefined ? name : `${String(before)}, ${name}`);
}
