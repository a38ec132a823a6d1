import type { FastifyReply } from 'fastify';
import type { Body } from '../services/manifest/latest-document.ts';
import { LongText } from '../services/manifest/long-text.ts';
import { sendPieces, takesGzip } from './compression.ts';

/** Sends JSON that may be long. */
export function sendJsonBody(reply: FastifyReply, body: Body): FastifyReply {
  reply.header('content-type', 'application/json; charset=utf-8');
  if (Buffer.isBuffer(body)) return reply.send(body);
  if (!(body instanceof LongText)) return sendPieces(reply, body);
  const whole = takesGzip(reply.request) ? undefined : body.whole;
  return whole ? reply.send(whole) : sendPieces(reply, body.pieces(), body.length);
}
