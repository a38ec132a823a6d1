/** A JSON text that is being made, some of it from texts that are there already and are not copied. */
export class TextBuilder {
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #text = '';
  #isEmpty = true;

  /** About how many bytes have not been taken. */
  get length(): number {
    return this.#pieceBytes + this.#text.length;
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
  members(text: string | Buffer): void {
    if (text.length === 0) return;
    const from = this.#isEmpty ? 1 : 0;
    this.#isEmpty = false;
    if (typeof text === 'string') {
      this.#text += from === 0 ? text : text.slice(from);
      return;
    }
    this.#flush();
    this.#push(text.subarray(from));
  }

  /** What there is so far; from then on it is empty. */
  take(): readonly Buffer[] {
    this.#flush();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pieceBytes = 0;
    return pieces;
  }

  #flush(): void {
    if (this.#text !== '') this.#push(Buffer.from(this.#text));
    this.#text = '';
  }

  #push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
  }
}
