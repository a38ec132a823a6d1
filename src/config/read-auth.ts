import { isCompositorId } from '../domain/compositor.ts';
import { SCOPES, type Auth, type Scope, type TokenEntry } from '../domain/token.ts';
import { isPrintable } from './leaf.ts';
import { plain, readYaml, show } from './read-yaml.ts';

export const AUTH_EXPECTS =
  'open, or a list of tokens { name, hash: sha256:<64 hex digits>, scopes: [read, write, command, admin] }';

const FIELDS = ['name', 'hash', 'scopes', 'compositors'];

/** The tokens in a list, in its YAML or JSON as one text (a variable holds no list), or `open`; undefined when it is neither. */
export function readAuth(written: unknown): Auth | undefined {
  const given = asData(written);
  if (given === 'open') return 'open';
  return whyNoAuth(given) === undefined ? (given as WrittenToken[]).map(tokenOf) : undefined;
}

/** What is wrong with what {@link readAuth} refuses, as the end of a sentence. It repeats no hash and no token. */
export function whyNoAuth(written: unknown): string | undefined {
  const given = asData(written);
  if (given === 'open') return undefined;
  if (!Array.isArray(given) || given.length === 0) return 'it is neither';
  const items = given as unknown[];
  for (const [i, item] of items.entries()) {
    const why = whyNoToken(item);
    if (why !== undefined) return `token ${i + 1} ${why}`;
  }
  for (const field of ['name', 'hash'] as const) {
    const values = (items as WrittenToken[]).map((token) => token[field].toLowerCase());
    const twice = values.findIndex((value, i) => values.indexOf(value) !== i);
    if (twice >= 0) return `token ${twice + 1} has the ${field} of another one`;
  }
  return undefined;
}

/** The scopes in a list, or in a text with commas between them; undefined when one is none. */
export function readScopes(written: unknown): Scope[] | undefined {
  const items: unknown =
    typeof written === 'string' ? written.split(',').map((item) => item.trim()) : written;
  return Array.isArray(items) && items.every(isScope) ? items : undefined;
}

interface WrittenToken {
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly compositors?: readonly string[];
}

function asData(written: unknown): unknown {
  if (typeof written !== 'string' || written === 'open') return written;
  const { root, problems } = readYaml(written, 'auth');
  const data = root && problems.length === 0 ? plain(root) : undefined;
  // `docker run --env-file` hands on the quotes that a shell and Compose take off.
  return typeof data === 'string' && data !== written ? asData(data) : data;
}

function whyNoToken(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return 'is no mapping';
  const { name, hash, scopes, compositors } = item as Record<string, unknown>;
  if (!isPrintable(name, 64)) return 'must have a name of 1 to 64 printable characters';
  const called = `(${name})`;
  const unknown = Object.keys(item).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `${called} has the unknown field ${show(unknown)}`;
  if (typeof hash !== 'string' || !/^sha256:[0-9A-Fa-f]{64}$/.test(hash))
    return `${called} must have a hash, sha256: and 64 hex digits; compositord token makes one`;
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope))
    return `${called} must have a list of scopes out of ${SCOPES.join(', ')}`;
  if (compositors !== undefined && !(Array.isArray(compositors) && compositors.every(isPattern)))
    return `${called} must name compositors by a list of ids, or of beginnings with * behind`;
  return undefined;
}

function tokenOf({ name, hash, scopes, compositors }: WrittenToken): TokenEntry {
  return {
    name,
    hash: hash.slice('sha256:'.length).toLowerCase(),
    scopes,
    ...(compositors && { compositors }),
  };
}

function isScope(text: unknown): text is Scope {
  return (SCOPES as readonly unknown[]).includes(text);
}

function isPattern(text: unknown): boolean {
  return typeof text === 'string' && (text === '*' || isCompositorId(text.replace(/\*$/, '')));
}
