import { tokenOf, type Token } from './token.ts';
import type { View } from './view.ts';

/** Where a daemon is, and what it is sent. */
export interface RequestSettings {
  readonly url: string;
  readonly token: Token | undefined;
  readonly fetch: typeof globalThis.fetch;
}

/** How long a daemon may take to answer a small request, in milliseconds. */
const ANSWER = 5000;

/** The header for a token. */
export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** Asks for another view of an open stream. False when the daemon will not, or perhaps not. */
export async function changeView(
  { url, fetch, token }: RequestSettings,
  stream: string,
  { rect, compositors, zoom }: View,
): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ANSWER);
  try {
    const view = rect ? [rect.x1, rect.y1, rect.x2, rect.y2].join() : null;
    const response = await fetch(`${url}manifest/streams/${stream}`, {
      method: 'PATCH',
      headers: {
        'Content-Type': 'application/json',
        ...authorization(await tokenOf(token, abort.signal)),
      },
      body: JSON.stringify({ view, compositors: compositors ?? null, zoom: zoom ?? 0 }),
      signal: abort.signal,
      redirect: 'error',
    });
    await response.text();
    return response.status === 202;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** The JSON at a path of the daemon. Throws when there is none. */
export async function readJson(
  { url, fetch, token }: RequestSettings,
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  const init = {
    headers: { Accept: 'application/json', ...authorization(await tokenOf(token, signal)) },
    signal,
    cache: 'no-store',
    redirect: 'error',
  } as const;
  const response = await fetch(url + path, init);
  const type = response.headers.get('content-type') ?? '';
  // The body of anything else may have no end.
  if (response.status !== 200 || !type.startsWith('application/json'))
    throw new Error(`${response.status} ${type}`);
  return response.json();
}

/**
 * What went wrong when no answer came. A browser does not tell a page of another origin whether nobody answered or it may not read the
 * answer: a request whose answer nobody reads shows which.
 */
export async function whyUnreachable({ url, fetch }: RequestSettings, error: unknown): Promise<string> {
  const detail = String(error);
  const { origin } = globalThis as { origin?: string };
  if (origin === undefined || origin === new URL(url).origin) return detail;
  try {
    await fetch(`${url}health/live`, { mode: 'no-cors', signal: AbortSignal.timeout(ANSWER) });
  } catch {
    return detail;
  }
  return `${detail}: ${url} answers, but not to pages of ${origin}; list that in its setting cors.origins`;
}
