import { isIdPattern, isQuota } from './token-limits.ts';
import { SCOPES, type Principal, type Scope } from './token.ts';
import { parseRect } from './view.ts';

/** The most characters of a subject that the log and the history show. */
const MAX_NAME = 64;

/**
 * On whose behalf a JWT with these claims speaks; undefined when a limit in it cannot be understood: without that limit, the token would
 * permit more than its issuer meant. `scope` (a text with spaces) or `scopes` (a list) name the scopes, and others than ours have no effect.
 *
 * @param key names the token, see {@link Principal}. @param expiresAt milliseconds since 1970.
 */
export function principalOf(
  claims: Readonly<Record<string, unknown>>,
  key: string,
  expiresAt: number,
): Principal | undefined {
  const { compositors, quota } = claims;
  const view = typeof claims['view'] === 'string' ? parseRect(claims['view']) : undefined;
  if (compositors !== undefined && !(Array.isArray(compositors) && compositors.every(isIdPattern)))
    return undefined;
  if (claims['view'] !== undefined && !view) return undefined;
  if (quota !== undefined && !isQuota(quota)) return undefined;
  return {
    key,
    name: nameOf(claims['sub']),
    scopes: scopesOf(claims['scope'] ?? claims['scopes']),
    ...(compositors !== undefined && { compositors: compositors }),
    ...(view && { view }),
    ...(quota !== undefined && { quota }),
    expiresAt,
  };
}

function scopesOf(claim: unknown): Scope[] {
  const named: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return SCOPES.filter((scope) => named.includes(scope));
}

/** The prefix keeps a subject apart from the name of a listed token. */
function nameOf(subject: unknown): string {
  const text = typeof subject === 'string' ? subject.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '') : '';
  return `jwt:${Array.from(text).slice(0, MAX_NAME).join('')}`;
}
