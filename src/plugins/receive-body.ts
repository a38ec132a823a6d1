import type { Readable } from 'node:stream';
import { errorCodes, type FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import type { BodyRoom } from '../services/access/body-budget.ts';
import type { ClientLimits } from '../services/access/client-limits.ts';

/** Bytes of the first buffer, at least. */
const FIRST = 4096;

/** A body that has arrived. Its room is taken until `release`. */
export interface Received {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/**
 * The whole body of a request: at most as large as its route permits, and in the room that {@link ClientLimits} has for it, which
 * is given back when it is refused. The pieces are copied as they come: a body that arrives byte by byte would
 * otherwise cost a hundred times its size.
 */
export function receiveBody(
  request: FastifyRequest,
  payload: Readable,
  limits: ClientLimits,
): Promise<Received> {
  const most = request.routeOptions.bodyLimit;
  const announced = Number(request.headers['content-length']);
  if (announced > most) return Promise.reject(tooLarge(most));
  return new Promise((resolve, reject) => {
    const ignore = () => payload.off('data', add).off('end', end).off('error', fail).off('close', close);
    const fail = (error: Error) => {
      ignore();
      room.close();
      reject(error);
    };
    // Without an error before, when it was destroyed without one.
    const close = () => fail(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
    const clients = limits.clients(request.address ?? request.ip, request.principal);
    const room = limits.bodies.open(clients, fail);
    const body = new GrowingBuffer(room, most, announced);
    const add = (piece: Buffer) => {
      try {
        body.add(piece);
      } catch (error) {
        fail(error as Error);
      }
    };
    const end = () => {
      const { bytes } = body;
      if (!Number.isNaN(announced) && announced !== bytes.length) return close();
      ignore();
      room.arrived();
      resolve({ bytes, release: () => room.close() });
    };
    payload.on('data', add).on('end', end).on('error', fail).on('close', close);
  });
}

/** Bytes one after the other, in one buffer that doubles when it is full. A small body that comes in one piece is that piece. */
class GrowingBuffer {
  readonly #room: BodyRoom;
  readonly #most: number;
  readonly #announced: number;
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** `announced`: how many bytes there will be; NaN when that is not known. */
  constructor(room: BodyRoom, most: number, announced: number) {
    this.#room = room;
    this.#most = most;
    this.#announced = announced;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#most) throw tooLarge(this.#most);
    if (length === this.#announced && length === piece.length && length <= FIRST) {
      this.#room.grow(length);
      this.#buffer = piece;
      this.#length = length;
      return;
    }
    if (length > this.#buffer.length) this.#enlarge(length);
    piece.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  #enlarge(least: number): void {
    const size = Math.min(Math.max(least, 2 * this.#buffer.length, FIRST), this.#most);
    this.#room.grow(size - this.#buffer.length);
    // Not from Node's pool, which a small piece would keep alive whole.
    const larger = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(larger);
    this.#buffer = larger;
  }
}

function tooLarge(most: number): DomainError {
  return new DomainError('too-large', `the body is larger than ${most} bytes`);
}
