import { isObject } from '../domain/json.ts';
import { isPrintable, printableExpects } from '../domain/printable.ts';
import { isIdPattern, isQuota } from '../domain/token-limits.ts';
import { SCOPES, type Auth, type Quota, type Scope, type TokenEntry } from '../domain/token.ts';
import { parseRect } from '../domain/view.ts';
import { listOf, parseInstant, parseSize } from './formats.ts';
import type { Problem } from './raw-config.ts';
import { quote, readYaml, toPlain } from './read-yaml.ts';

export const AUTH_EXPECTS =
  'open, or a list of tokens { name, hash: sha256:<64 hex digits>, scopes: [read, relay, write, command, takeover, connect, admin] }';

/** A token as it is written. */
interface WrittenToken {
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly compositors?: readonly string[];
  readonly view?: string;
  readonly quota?: Readonly<Record<string, unknown>>;
  readonly notAfter?: string;
}

const FIELDS = ['name', 'hash', 'scopes', 'compositors', 'view', 'quota', 'notAfter'];

/** Parses `open`, or a list of tokens: as data, or as YAML or JSON in one text (a variable holds no list). Undefined when invalid. */
export function parseAuth(value: unknown): Auth | undefined {
  const data = toData(value);
  if (data === 'open') return 'open';
  return explainAuth(data) === undefined ? (data as WrittenToken[]).map(toEntry) : undefined;
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
    const values = (items as WrittenToken[]).map((token) => token[field].toLowerCase());
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
  const { name, hash, scopes, compositors, view, quota, notAfter } = item;
  if (!isPrintable(name, 64)) return `must have a name of ${printableExpects(1, 64)}`;
  const called = `(${name})`;
  const unknown = Object.keys(item).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `${called} has the unknown field ${quote(unknown)}`;
  if (typeof hash !== 'string' || !/^sha256:[0-9A-Fa-f]{64}$/.test(hash))
    return `${called} must have a hash, sha256: and 64 hex digits; compositord token makes one`;
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope))
    return `${called} must have a list of scopes out of ${SCOPES.join(', ')}`;
  if (compositors !== undefined && !(Array.isArray(compositors) && compositors.every(isIdPattern)))
    return `${called} must name compositors by a list of ids, or of beginnings with * behind`;
  if (view !== undefined && !(typeof view === 'string' && parseRect(view)))
    return `${called} must have a view of four whole numbers, such as "0,0,99,99"`;
  if (quota !== undefined && !parseQuota(quota))
    return `${called} must have a quota of whole numbers, out of compositors, tiles and bytes`;
  if (notAfter !== undefined && parseInstant(notAfter) === undefined)
    return `${called} must end (notAfter) at an instant, such as 2027-01-31T00:00:00Z`;
  return undefined;
}

function toEntry({ name, hash, scopes, compositors, view, quota, notAfter }: WrittenToken): TokenEntry {
  return {
    name,
    hash: hash.slice('sha256:'.length).toLowerCase(),
    scopes,
    ...(compositors && { compositors }),
    ...(view !== undefined && { view: parseRect(view) }),
    ...(quota && { quota: parseQuota(quota) }),
    ...(notAfter !== undefined && { expiresAt: parseInstant(notAfter) }),
  };
}

/** A quota as it is written, in whole numbers; undefined when it is none. */
export function parseQuota(value: unknown): Quota | undefined {
  const quota = withBytes(value);
  return isQuota(quota) ? quota : undefined;
}

/** The same with `bytes` as a number: it may be written as `10 MiB`. */
function withBytes(quota: unknown): unknown {
  const bytes: unknown = (quota as { bytes?: unknown } | null)?.bytes;
  return typeof bytes === 'string' ? { ...(quota as object), bytes: parseSize(bytes) } : quota;
}

function isScope(text: unknown): text is Scope {
  return (SCOPES as readonly unknown[]).includes(text);
}
