/**
 * A token, or a function that gives one: it is called at each connection, so that a token may be replaced before it ends. Null, undefined
 * and an empty string are no token.
 */
export type Token = string | null | (() => OneToken | Promise<OneToken>);
type OneToken = string | null | undefined;

/** The token to send now. Throws when its function fails or gives none that can be sent, and when `signal` aborts first. */
export async function tokenOf(token: Token | undefined, signal: AbortSignal): Promise<string | undefined> {
  const value = typeof token === 'function' ? await Promise.race([token(), abortion(signal)]) : token;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new TypeError(`the token is a string, not of type ${typeof value}`);
  // A file often ends with a newline.
  const trimmed = value.trim();
  if (/[^\x21-\x7e]/.test(trimmed)) throw new TypeError('the token has characters that cannot be sent');
  return trimmed || undefined;
}

/** Whether the function still gives the token that was refused. What it throws, or does not give within `ms`, is no other one. */
export async function isStill(refused: string | undefined, token: Token, stop: AbortController, ms: number) {
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    return (await tokenOf(token, stop.signal)) === refused;
  } catch {
    return true;
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects when it aborts. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
