import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { isObject, parseJson } from '../../domain/json.ts';
import type { Principal } from '../../domain/token.ts';

/** Part of every session and of its key, as of those of listed tokens (`session.ts`), which are version 1. */
const VERSION = '2';
/** `<version>.<principal as JSON>.<MAC of what stands before>`. */
const FORMAT = /^(2\.([A-Za-z0-9_-]+))\.([A-Za-z0-9_-]{43})$/;
/** Characters: with its name and attributes a cookie may have 4,096, and browsers drop what is longer. */
const MAX_LENGTH = 3800;

/** What signs sessions that carry who they speak for. @param issuer whose tokens: of another one they are void. */
export function claimsKey(secret: Buffer, issuer: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `compositord session ${VERSION} read ${issuer}`, 32));
}

/** A session for whoever `principal` is, until its end. Fit for a cookie; undefined when it would be too long for one. */
export function makeClaimsSession(key: Buffer, principal: Principal): string | undefined {
  const text = `${VERSION}.${Buffer.from(JSON.stringify(principal)).toString('base64url')}`;
  const session = `${text}.${macOf(key, text).toString('base64url')}`;
  return session.length > MAX_LENGTH ? undefined : session;
}

/** Who a session is for, if `key` has made it. */
export function readClaimsSession(key: Buffer, session: string): Principal | undefined {
  const [, text, claims, mac] = FORMAT.exec(session) ?? [];
  if (text === undefined || !timingSafeEqual(macOf(key, text), Buffer.from(mac!, 'base64url')))
    return undefined;
  const principal = parseJson(Buffer.from(claims!, 'base64url').toString());
  // Only we make what has this MAC.
  return isObject(principal) ? (principal as unknown as Principal) : undefined;
}

export function isClaimsSession(session: string): boolean {
  return FORMAT.test(session);
}

function macOf(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
