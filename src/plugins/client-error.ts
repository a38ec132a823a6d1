import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '../domain/errors.ts';
import { invalidFields } from './field-errors.ts';
import { problemOf, PROBLEM_TYPE } from './problem.ts';

/**
 * Answers what Node could not even parse. Nothing may be written into a reply that is under way on this connection
 * (a stream, most of all): that connection just ends.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, base: string): void {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent) {
    socket.destroy();
    return;
  }
  const { status, told } = reasonOf(error.code);
  const body = `${JSON.stringify({ ...problemOf(told, base), status })}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

function reasonOf(code: string | undefined): { status: number; told: DomainError } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        told: new DomainError('too-large', 'the URL and headers are larger than 16 KiB'),
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, told: new DomainError('too-large', 'the extensions of a chunk are too large') };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        told: invalidFields([{ in: 'header', field: '', detail: 'took too long to arrive' }]),
      };
    default:
      return { status: 400, told: invalidFields([{ in: 'header', field: '', detail: 'is not HTTP' }]) };
  }
}
