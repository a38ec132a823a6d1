import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Part of every session and of its key: another format, or sessions that permit more than reading, would get another one. */
const VERSION = '1';
/** `<version>.<id of the token>.<end>.<MAC of what stands before>`. */
const FORMAT = /^(1\.([A-Za-z0-9_-]{16})\.([0-9]{1,12}))\.([A-Za-z0-9_-]{43})$/;

/**
 * What signs the sessions of one token. It is derived from the hash of the token, so that every replica can check a session and
 * shares nothing for it; and one way, so that neither the token nor its hash can be found from a session.
 */
export interface SessionKey {
  /** Stands in the session, to find its token. */
  readonly id: string;
  readonly key: Buffer;
}

/** @param hash the SHA-256 of the token. */
export function sessionKey(hash: Buffer): SessionKey {
  const derive = (what: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', hash, '', `compositord session ${VERSION} read ${what}`, bytes));
  return { id: derive('id', 12).toString('base64url'), key: derive('key', 32) };
}

/** A session that ends at `end`, seconds since 1970. Fit for a cookie. */
export function makeSession({ id, key }: SessionKey, end: number): string {
  const text = `${VERSION}.${id}.${end}`;
  return `${text}.${macOf(key, text).toString('base64url')}`;
}

/** The end (seconds since 1970) of a session, if the key with the id in it has made it. */
export function readSession(
  session: string,
  keyOf: (id: string) => SessionKey | undefined,
): { id: string; end: number } | undefined {
  const [, text, id, end, mac] = FORMAT.exec(session) ?? [];
  const known = id === undefined ? undefined : keyOf(id);
  if (!known || !timingSafeEqual(macOf(known.key, text!), Buffer.from(mac!, 'base64url'))) return undefined;
  return { id: known.id, end: Number(end) };
}

function macOf(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
