import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '../domain/errors.ts';
import { invalidFields } from './field-errors.ts';
import type { Pipelining } from './pipelining.ts';
import { problemOf, PROBLEM_TYPE } from './problems.ts';

/** Milliseconds that a client has to read the answer before the connection is cut. */
const LINGER = 2000;

export interface ClientErrorOptions {
  /** Knows which replies come first. */
  readonly pipelining: Pipelining;
  /** The base path, without a slash at its end. */
  readonly base: string;
}

/**
 * Answers what came on a connection and is no request, or did not end: after the replies to the requests before it, since a client
 * tells replies apart by their order alone. Behind a reply that does not end, such as a stream, the connection just ends.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { pipelining, base }: ClientErrorOptions,
): void {
  const { code } = error;
  const reply = () => answer(code, socket, base);
  if (code === 'ECONNRESET') socket.destroy();
  // Node's own, of a head; that of a body is ours, and comes only while its request is worked on.
  else if (code === 'ERR_HTTP_REQUEST_TIMEOUT') pipelining.headIsLate(socket, reply);
  else pipelining.afterReplies(socket, reply);
}

function answer(code: string | undefined, socket: Socket, base: string): void {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null };
  // A reply that has begun cannot be taken back.
  if (!socket.writable || current?.headersSent) {
    socket.destroy();
    return;
  }
  const [status, problem] = problemFor(code);
  const body = `${JSON.stringify({ ...problemOf(problem, base), status })}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
  // The client may never close its side; and a socket whose reading is paused, under replies that were not written yet, would
  // not notice that it did.
  const timer = setTimeout(() => socket.destroy(), LINGER).unref();
  socket.once('close', () => clearTimeout(timer));
}

function problemFor(code: string | undefined): [status: number, problem: DomainError] {
  const invalid = (detail: string) => invalidFields([{ in: 'header', field: '', detail }]);
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, new DomainError('too-large', 'the URL and headers are larger than 16 KiB')];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return [413, new DomainError('too-large', 'the extensions of a chunk are too large')];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, invalid('took too long to arrive')];
    default:
      return [400, invalid('is not HTTP')];
  }
}
