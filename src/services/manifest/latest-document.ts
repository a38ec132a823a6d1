import type { LongWork } from '../../concurrency/long-work.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { WHOLE } from '../../domain/view.ts';
import type { Pieces } from './json-pieces.ts';
import { LongText, SHORT_TEXT } from './long-text.ts';
import { manifestEtag } from './manifest-head.ts';
import { joined, lengthOf, type Segment } from './text-piece.ts';

/** An encoded reply: JSON with a newline at its end. */
export interface Document {
  readonly cursor: Cursor;
  /** A strong validator, quotes included. */
  readonly etag: string;
  readonly body: Body;
}

/** What is sent: in one piece, as a long text that is there, or in segments that are made when they are asked for. */
export type Body = Buffer | LongText | Pieces;

/** How a document is made of a manifest. */
export interface DocumentMaker {
  /** Undefined when it would take long. */
  readonly encodeAtOnce: (manifest: ManifestAt) => Buffer | undefined;
  readonly pieces: (manifest: ManifestAt) => Pieces;
}

interface LatestDocumentOptions extends DocumentMaker {
  readonly work: LongWork;
  /** The present manifest. */
  readonly now: () => ManifestAt;
  /** Bytes of a text that is kept. */
  readonly budget: number;
}

/**
 * A document of the whole present manifest for all who ask for it, kept until a newer one is asked for. One is made at a time:
 * who comes later and needs a newer one waits for it to be done, and shares the next. What is longer than the budget is shared only
 * while it is sent to somebody.
 */
export class LatestDocument {
  readonly #options: LatestDocumentOptions;
  #latest: Document | undefined;
  #sent: { readonly cursor: Cursor; readonly text: WeakRef<LongText> } | undefined;
  #making: { readonly cursor: Cursor; readonly done: Promise<Document> } | undefined;
  #next: Promise<Document> | undefined;

  constructor(options: LatestDocumentOptions) {
    this.#options = options;
  }

  /** The document of the present manifest, if it is there or quickly made. */
  get(): Document | undefined {
    const manifest = this.#options.now();
    if (this.#latest?.cursor === manifest.cursor) return this.#latest;
    const sent = this.#sent?.cursor === manifest.cursor ? this.#sent.text.deref() : undefined;
    if (sent) return documentOf(manifest, sent);
    const body = this.#options.encodeAtOnce(manifest);
    return body && (this.#latest = documentOf(manifest, body));
  }

  /** The same, however long it takes. */
  async make(): Promise<Document> {
    const ready = this.get();
    if (ready) return ready;
    if (!this.#making) return this.#begin();
    if (this.#making.cursor === this.#options.now().cursor) return this.#making.done;
    this.#next ??= this.#making.done.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Document> {
    this.#next = undefined;
    const manifest = this.#options.now();
    // Nobody asks for the one before any more.
    this.#latest = undefined;
    this.#sent = undefined;
    const done = this.#collect(this.#options.pieces(manifest))
      .then((body) => documentOf(manifest, body))
      .finally(() => (this.#making = undefined));
    this.#making = { cursor: manifest.cursor, done };
    void done.then(
      (document) => this.#keep(document),
      () => undefined,
    );
    return done;
  }

  #keep(document: Document): void {
    const { cursor, body } = document;
    if (body instanceof LongText && body.length > this.#options.budget)
      this.#sent = { cursor, text: new WeakRef(body) };
    else this.#latest = document;
  }

  async #collect(pieces: Pieces): Promise<Body> {
    const segments: Segment[] = [];
    let bytes = 0;
    for await (const segment of pieces) {
      segments.push(segment);
      bytes += lengthOf(segment);
    }
    if (bytes <= SHORT_TEXT) return joined(segments);
    const { work, budget } = this.#options;
    return new LongText({ work, segments, length: bytes, mayJoin: bytes <= budget });
  }
}

function documentOf(manifest: ManifestAt, body: Body): Document {
  return { cursor: manifest.cursor, etag: manifestEtag(manifest, WHOLE), body };
}
