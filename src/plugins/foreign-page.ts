import type { IncomingHttpHeaders } from 'node:http';
import { isSameOrigin } from './same-origin.ts';

/** Every browser begins its `User-Agent` so, and a page cannot change that of an image, a frame or a link. */
const BROWSER = /^(?:Mozilla|Opera)\//;

/**
 * Whether a page of another origin may have caused this request, which has no `Origin`: an image, a frame or a link. Over TLS and at
 * localhost, `Sec-Fetch-Site` tells. Elsewhere browsers do not send it, and a page can leave out `Referer`: what comes from a browser then
 * has to prove that it comes from a page of ours. Programs do not look like a browser, and need to prove nothing.
 */
export function mayComeFromForeignPage(headers: IncomingHttpHeaders): boolean {
  const { host, referer, authorization } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  // No page can send one to another origin without asking first, and asking is refused.
  if (authorization !== undefined) return false;
  // A page can leave it out, but cannot name another page in it.
  if (referer !== undefined) return !isOurPage(referer, host);
  return looksLikeBrowser(headers);
}

function looksLikeBrowser(headers: IncomingHttpHeaders): boolean {
  const language = headers['accept-language'];
  return (
    BROWSER.test(headers['user-agent'] ?? '') ||
    headers['upgrade-insecure-requests'] !== undefined ||
    headers.cookie !== undefined ||
    // The fetch of Node sends `*`, browsers their languages.
    (language !== undefined && language !== '*')
  );
}

function isOurPage(url: string, host: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, pathname } = new URL(url);
  // What a compositor shows under our origin is not ours.
  return isSameOrigin(origin, host) && !/\/compositors\/[^/]+\/proxy(?:\/|$)/.test(pathname);
}
