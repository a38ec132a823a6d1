/** Characters after which a page ends, whatever its limit: a thousand entries of 32 KiB would take the event loop 300 ms. */
const PAGE_TEXT = 256 * 1024;

/** A page as JSON, and `after` for the next one. */
export interface EncodedPage {
  readonly text: string;
  readonly next: string | undefined;
}

/** Takes at most `limit` items, fewer when they are long, and at least one if there is any. `nameOf`: what `after` is then. */
export function encodePage<T>(
  items: Iterable<T>,
  limit: number,
  encode: (item: T) => unknown,
  nameOf: (item: T) => string,
): EncodedPage {
  const texts: string[] = [];
  let length = 0;
  let last = '';
  let next: string | undefined;
  for (const item of items) {
    if (texts.length === limit || length >= PAGE_TEXT) {
      next = last;
      break;
    }
    const text = JSON.stringify(encode(item));
    texts.push(text);
    length += text.length;
    last = nameOf(item);
  }
  return { text: `{"items":[${texts.join(',')}],"next":${JSON.stringify(next ?? null)}}\n`, next };
}
