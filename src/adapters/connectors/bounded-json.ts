import { ConnectorError } from '../../domain/connector.ts';
import { parseJson } from '../../domain/json.ts';

/** Code that encodes or compares a value recurses into it, and would overflow the stack at some thousands of levels. */
const MAX_DEPTH = 64;

/** Parses a peer's text; throws a ConnectorError (`bad-answer`) when it is not JSON, or nested too deep to pass on. */
export function parseBounded(text: string, what: string): unknown {
  const value = parseJson(text);
  if (value === undefined) throw new ConnectorError('bad-answer', `${what} is not JSON`);
  if (!isShallow(value)) throw new ConnectorError('bad-answer', `${what} is nested deeper than ${MAX_DEPTH}`);
  return value;
}

export function isShallow(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}
