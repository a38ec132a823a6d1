import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** A body, or its pieces: those that are made when they are asked for are asked for as the client takes them. */
export type Body = Buffer | readonly Buffer[] | AsyncIterable<Buffer>;

/** Sends JSON that may be long. */
export function sendJsonBody(reply: FastifyReply, body: Body): FastifyReply {
  reply.header('content-type', 'application/json; charset=utf-8');
  if (Buffer.isBuffer(body)) return reply.send(body);
  if (Array.isArray(body)) {
    const bytes = (body as readonly Buffer[]).reduce((sum, { length }) => sum + length, 0);
    reply.header('content-length', String(bytes));
  }
  // Fastify would read it to its end to answer HEAD.
  if (reply.request.method === 'HEAD') return reply.send('');
  return reply.send(Readable.from(body as AsyncIterable<Buffer>, { objectMode: false }));
}
