/** Which rows of a long list are made: those in sight, and some around them. */
export interface ListWindow {
  readonly first: number;
  /** Not included. */
  readonly end: number;
}

/** Rows above and below those in sight: a fast wheel finds them there. */
const AROUND = 6;

export function windowOf(list: {
  readonly scrollTop: number;
  /** Of the part in sight, in pixels. */
  readonly height: number;
  readonly rowHeight: number;
  readonly count: number;
}): ListWindow {
  const { scrollTop, height, rowHeight, count } = list;
  const first = Math.floor(scrollTop / rowHeight) - AROUND;
  const end = Math.ceil((scrollTop + height) / rowHeight) + AROUND;
  return { first: Math.min(Math.max(first, 0), count), end: Math.min(Math.max(end, 0), count) };
}

/** The row that a key leads to from the row `from`; undefined: none of these keys. */
export function rowAfter(
  key: string,
  from: number,
  rows: { count: number; page: number },
): number | undefined {
  const last = rows.count - 1;
  const target = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + rows.page,
    PageUp: from - rows.page,
    Home: 0,
    End: last,
  }[key];
  return target === undefined ? undefined : Math.min(Math.max(target, 0), last);
}
