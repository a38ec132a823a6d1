import { isCompositorId } from '../domain/compositor.ts';
import { isObject } from '../domain/json.ts';
import { SCOPES, type Auth, type Scope, type TokenEntry } from '../domain/token.ts';
import { listOf } from './formats.ts';
import type { Problem } from './raw-config.ts';
import { quote, readYaml, toPlain } from './read-yaml.ts';
import { isPrintable } from './setting-types.ts';

export const AUTH_EXPECTS =
  'open, or a list of tokens { name, hash: sha256:<64 hex digits>, scopes: [read, write, command, admin] }';

const FIELDS = ['name', 'hash', 'scopes', 'compositors'];

/** Parses `open`, or a list of tokens: as data, or as YAML or JSON in one text (a variable holds no list). Undefined when invalid. */
export function parseAuth(value: unknown): Auth | undefined {
  const data = toData(value);
  if (data === 'open') return 'open';
  return explainAuth(data) === undefined ? (data as TokenEntry[]).map(toEntry) : undefined;
}

/** Why {@link parseAuth} rejects a value, fit for the end of a sentence. It never repeats a hash or a token. */
export function explainAuth(value: unknown): string | undefined {
  const data = toData(value);
  if (data === 'open') return undefined;
  if (!Array.isArray(data) || data.length === 0) return 'it is neither';
  const items = data as unknown[];
  for (const [i, item] of items.entries()) {
    const reason = explainToken(item);
    if (reason !== undefined) return `token ${i + 1} ${reason}`;
  }
  for (const field of ['name', 'hash'] as const) {
    const values = (items as TokenEntry[]).map((token) => token[field].toLowerCase());
    const repeated = values.findIndex((value, i) => values.indexOf(value) !== i);
    if (repeated >= 0) return `token ${repeated + 1} has the ${field} of another one`;
  }
  return undefined;
}

/** Parses a list of scopes, or a text with commas; undefined when one is unknown. */
export const parseScopes = listOf(isScope) as (value: unknown) => Scope[] | undefined;

function toData(value: unknown): unknown {
  if (typeof value !== 'string' || value === 'open') return value;
  const problems: Problem[] = [];
  const root = readYaml(value, 'auth', problems);
  const data = root && problems.length === 0 ? toPlain(root) : undefined;
  // `docker run --env-file` keeps the quotes that a shell and Compose remove.
  return typeof data === 'string' && data !== value ? toData(data) : data;
}

function explainToken(item: unknown): string | undefined {
  if (!isObject(item)) return 'is no mapping';
  const { name, hash, scopes, compositors } = item;
  if (!isPrintable(name, 64)) return 'must have a name of 1 to 64 printable characters';
  const called = `(${name})`;
  const unknown = Object.keys(item).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `${called} has the unknown field ${quote(unknown)}`;
  if (typeof hash !== 'string' || !/^sha256:[0-9A-Fa-f]{64}$/.test(hash))
    return `${called} must have a hash, sha256: and 64 hex digits; compositord token makes one`;
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope))
    return `${called} must have a list of scopes out of ${SCOPES.join(', ')}`;
  if (compositors !== undefined && !(Array.isArray(compositors) && compositors.every(isPattern)))
    return `${called} must name compositors by a list of ids, or of beginnings with * behind`;
  return undefined;
}

function toEntry(token: TokenEntry): TokenEntry {
  return { ...token, hash: token.hash.slice('sha256:'.length).toLowerCase() };
}

function isScope(text: unknown): text is Scope {
  return (SCOPES as readonly unknown[]).includes(text);
}

function isPattern(text: unknown): boolean {
  return typeof text === 'string' && (text === '*' || isCompositorId(text.replace(/\*$/, '')));
}
