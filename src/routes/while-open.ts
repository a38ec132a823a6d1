import type { FastifyReply } from 'fastify';
import { DomainError } from '../domain/errors.ts';

/** Aborts when the client closes the connection: it needs no answer, and others wait for their turn. */
export function whileOpen(reply: FastifyReply): AbortSignal {
  return abortOnClose(reply).signal;
}

/** The same for a read that may end for another reason, too. */
export function abortOnClose(reply: FastifyReply): AbortController {
  const controller = new AbortController();
  // Nobody gets this, but the log would take any other error for a fault of the daemon.
  const gone = () =>
    controller.abort(
      new DomainError('invalid-request', 'the client closed the connection before the answer'),
    );
  // It may have gone while something else was waited for.
  if (reply.raw.destroyed) gone();
  else reply.raw.once('close', gone);
  return controller;
}
