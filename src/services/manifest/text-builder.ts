import { lengthOf, type Segment, type TextPiece } from './text-piece.ts';

/** A JSON text that is being made, some of it from pieces that are there already and are not copied. */
export class TextBuilder {
  #segments: Segment[] = [];
  #bytes = 0;
  #text = '';
  #isEmpty = true;

  /** About how many bytes have not been taken. */
  get length(): number {
    return this.#bytes + this.#text.length;
  }

  add(text: string): void {
    this.#text += text;
  }

  /** Adds a text that ends with the beginning of an object. */
  open(text: string): void {
    this.add(text);
    this.#isEmpty = true;
  }

  /** Adds members to the object that was opened last, each after a comma: the first loses its own. */
  members(text: string | TextPiece): void {
    if (text === '') return;
    const isFirst = this.#isEmpty;
    this.#isEmpty = false;
    if (typeof text === 'string') {
      this.#text += isFirst ? text.slice(1) : text;
      return;
    }
    this.#flush();
    this.#push({ piece: text, isFirst });
  }

  /** What there is so far; from then on it is empty. */
  take(): readonly Segment[] {
    this.#flush();
    const segments = this.#segments;
    this.#segments = [];
    this.#bytes = 0;
    return segments;
  }

  #flush(): void {
    if (this.#text !== '') this.#push(Buffer.from(this.#text));
    this.#text = '';
  }

  #push(segment: Segment): void {
    this.#segments.push(segment);
    this.#bytes += lengthOf(segment);
  }
}
