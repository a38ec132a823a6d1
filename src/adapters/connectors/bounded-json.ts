import { ConnectorError } from '../../domain/connector.ts';
import { isShallow, MAX_DEPTH, parseJson } from '../../domain/json.ts';

/** Parses a peer's text; throws a ConnectorError (`bad-answer`) when it is not JSON, or nested too deep to pass on. */
export function parseBounded(text: string, what: string): unknown {
  const value = parseJson(text);
  if (value === undefined) throw new ConnectorError('bad-answer', `${what} is not JSON`);
  if (!isShallow(value)) throw new ConnectorError('bad-answer', `${what} is nested deeper than ${MAX_DEPTH}`);
  return value;
}
