import { createHash } from 'node:crypto';
import type { LongWork } from '../../concurrency/long-work.ts';
import { Semaphore } from '../../concurrency/semaphore.ts';
import { withDeadline } from '../../concurrency/timeout.ts';
import { PICTURE_TYPES } from '../../domain/brick-files.ts';
import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ForwardReply } from '../../domain/forwarder.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { readInSlices } from '../manifest/sliced-read.ts';
import type { Proxy } from '../proxy/proxy.ts';
import { ownersOf } from './owners-of-brick.ts';

/** A picture that is in memory. */
export interface WholePicture {
  readonly type: string;
  readonly body: Buffer;
  /** A strong validator, quotes included. */
  readonly etag: string;
}

/** Bytes of one picture, at most, and of all that are kept. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_KEPT_BYTES = 32 * 2 ** 20;
/** Bricks of which it is known what their owners say. */
const MOST_KEPT = 1000;
/** Milliseconds: for how long that is known, and within which an owner must have sent all of a picture. */
const KEPT_FOR = 10_000;
const TIMEOUT = 5000;
/** Owners of a brick that are tried, one after the other. */
const MOST_OWNERS = 4;
/** Bricks at a time, and those that may wait for a place. */
const PARALLEL = 4;
const MOST_WAITING = 256;

interface Known {
  readonly picture: Promise<WholePicture | undefined>;
  /** Monotonic, ms; Infinity while it is on its way. */
  until: number;
  bytes: number;
}

export interface OwnerPicturesOptions {
  readonly proxy: Pick<Proxy, 'forward'>;
  readonly work: LongWork;
  readonly clock: Clock;
  /** The present manifest. Throws `store-unavailable` before the first load. */
  readonly now: () => ManifestAt;
}

/**
 * Pictures of bricks from the HTTP API of a compositor that has a tile of them, as Geometry OS's own serves them. All who want one wait
 * for the same request, and what came of it is remembered for some seconds: also that nobody has it.
 */
export class OwnerPictures {
  readonly #options: OwnerPicturesOptions;
  readonly #places = new Semaphore(PARALLEL);
  /** The oldest are first. */
  readonly #known = new Map<string, Known>();
  #bytes = 0;

  constructor(options: OwnerPicturesOptions) {
    this.#options = options;
  }

  /** Undefined: no owner has it. Throws `overloaded` when too many wait, and `store-unavailable`. */
  async of(brick: string): Promise<WholePicture | undefined> {
    const known = this.#known.get(brick);
    if (known && this.#options.clock.monotonic() < known.until) return known.picture;
    if (this.#places.waiting >= MOST_WAITING)
      throw new DomainError('overloaded', 'too many pictures are on their way', { retryAfter: 1 });
    this.#forget(brick);
    const picture = this.#places.run(() => this.#find(brick));
    const entry: Known = { picture, until: Infinity, bytes: 0 };
    this.#known.set(brick, entry);
    picture.then(
      (found) => this.#keep(brick, entry, found?.body.length ?? 0),
      () => this.#known.get(brick) === entry && this.#known.delete(brick),
    );
    return picture;
  }

  async #find(brick: string): Promise<WholePicture | undefined> {
    const { work, now } = this.#options;
    for (const id of await readInSlices(work, ownersOf(now(), brick, MOST_OWNERS))) {
      const picture = await this.#request(id, brick);
      if (picture) return picture;
    }
    return undefined;
  }

  /** Whatever keeps an owner from answering: it has no picture then. */
  async #request(id: string, brick: string): Promise<WholePicture | undefined> {
    const { proxy, clock } = this.#options;
    const path = `/builder/queue/${encodeURIComponent(brick)}`;
    const request = { method: 'GET', path, headers: { accept: 'image/*' } };
    try {
      return await withDeadline(clock, TIMEOUT, async (signal) =>
        wholePicture(await proxy.forward(id, request, '', signal)),
      );
    } catch {
      return undefined;
    }
  }

  #keep(brick: string, entry: Known, bytes: number): void {
    if (this.#known.get(brick) !== entry) return;
    entry.until = this.#options.clock.monotonic() + KEPT_FOR;
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest] of this.#known) {
      if (this.#bytes <= MOST_KEPT_BYTES && this.#known.size <= MOST_KEPT) break;
      this.#forget(oldest);
    }
  }

  #forget(brick: string): void {
    this.#bytes -= this.#known.get(brick)?.bytes ?? 0;
    this.#known.delete(brick);
  }
}

/** Undefined when the reply is no picture, or too large a one. */
async function wholePicture({ status, headers, body }: ForwardReply): Promise<WholePicture | undefined> {
  const type = String(headers['content-type']).split(';', 1)[0]!.trim().toLowerCase();
  const isPicture = status === 200 && PICTURE_TYPES.includes(type) && !headers['content-encoding'];
  try {
    const pieces: Buffer[] = [];
    let bytes = 0;
    if (isPicture)
      for await (const piece of body as AsyncIterable<Buffer>) {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes > MOST_BYTES) return undefined;
      }
    if (bytes === 0) return undefined;
    const whole = Buffer.concat(pieces);
    return {
      type,
      body: whole,
      etag: `"${createHash('sha256').update(whole).digest('base64url').slice(0, 22)}"`,
    };
  } finally {
    body.destroy();
  }
}
