/** Bytes of a body, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range of a `Range` header (RFC 9110, 14.2) for a body of `size` bytes; `beyond` when it is beyond the body. Undefined for the
 * whole body: the header is none, of another unit, or names several ranges, which we send no parts for.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'beyond' | undefined {
  const match = /^bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, first, last, suffix] = match;
  const end = last ? Math.min(Number(last), size - 1) : size - 1;
  const start = suffix === undefined ? Number(first) : Math.max(0, size - Number(suffix));
  if (last && Number(last) < Number(first)) return undefined;
  return start < size && suffix !== '0' ? { start, end } : 'beyond';
}
