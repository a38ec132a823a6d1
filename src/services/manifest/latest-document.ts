import type { Cursor } from '../../domain/cursor.ts';
import type { Pieces } from './json-pieces.ts';

/** An encoded reply: JSON with a newline at its end. */
export interface Document {
  readonly cursor: Cursor;
  /** A strong validator, quotes included. */
  readonly etag: string;
  readonly body: Body;
}

/** What is sent: in one piece, in pieces that are there, or in pieces that are made when they are asked for. */
export type Body = Buffer | readonly Buffer[] | Pieces;

/** Up to this many bytes the pieces of a document are put together: one write is cheaper than many. */
const ONE_PIECE = 16 * 1024 * 1024;

/**
 * A document of the present manifest for all who ask for it, kept until a newer one is asked for. One is made at a time:
 * who comes later and needs a newer one waits for it to be done, and shares the next.
 */
export class LatestDocument {
  readonly #now: () => Wanted;
  #latest: Document | undefined;
  #making: { readonly etag: string; readonly done: Promise<Document> } | undefined;
  #next: Promise<Document> | undefined;

  /** `now`: what is wanted of the present manifest. */
  constructor(now: () => Wanted) {
    this.#now = now;
  }

  /** The document of the present manifest, if it is there or quickly made. */
  get(): Document | undefined {
    const { cursor, etag, encodeAtOnce } = this.#now();
    if (this.#latest?.etag === etag) return this.#latest;
    return encodeAtOnce && (this.#latest = { cursor, etag, body: encodeAtOnce() });
  }

  /** The same, however long it takes. */
  async make(): Promise<Document> {
    const ready = this.get();
    if (ready) return ready;
    if (!this.#making) return this.#begin();
    if (this.#making.etag === this.#now().etag) return this.#making.done;
    this.#next ??= this.#making.done.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Document> {
    this.#next = undefined;
    const wanted = this.#now();
    const { etag } = wanted;
    // Nobody asks for the one before any more.
    this.#latest = undefined;
    const done = collect(wanted).finally(() => (this.#making = undefined));
    this.#making = { etag, done };
    void done.then(
      (document) => (this.#latest = document),
      () => undefined,
    );
    return done;
  }
}

export interface Wanted {
  readonly cursor: Cursor;
  readonly etag: string;
  /** Absent when it would take long. */
  readonly encodeAtOnce?: (() => Buffer) | undefined;
  readonly pieces: () => Pieces;
}

async function collect({ cursor, etag, pieces }: Wanted): Promise<Document> {
  const all: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces()) {
    all.push(piece);
    bytes += piece.length;
  }
  return { cursor, etag, body: bytes <= ONE_PIECE ? Buffer.concat(all) : all };
}
