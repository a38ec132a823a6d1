import { ConnectorError } from '../../domain/connector.ts';

/** Code that encodes or compares a value recurses into it, and would overflow the stack at some thousands of levels. */
const MAX_DEPTH = 64;

/** Parses a peer's text; throws a ConnectorError (`bad-answer`) when it is not JSON, or nested too deep to pass on. */
export function parseBounded(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConnectorError('bad-answer', `${what} is not JSON`, { cause });
  }
  if (!isShallow(value)) throw new ConnectorError('bad-answer', `${what} is nested deeper than ${MAX_DEPTH}`);
  return value;
}

export function isShallow(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
