import type { ForwardHeaders } from './forwarder.ts';

/** Marks a forwarded reply: one with this `Via` comes from the compositor, whatever its status. */
export const VIA = '1.1 compositord';

/** Headers of one connection, not of the message (RFC 9110, 7.6.1), and their older names. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Request headers a compositor does not get. A name that ends in `-` stands for every name that begins with it. */
const REMOVED_FROM_REQUESTS = [
  ...HOP_BY_HOP,
  // Credentials for this daemon, which a compositor could use against it.
  'authorization',
  'cookie',
  'lease-generation',
  // Any client can write these, so a compositor must not trust them.
  'forwarded',
  'x-forwarded-',
  'x-real-ip',
  // What browsers say about pages: the daemon decides which origins may call.
  'origin',
  'referer',
  'sec-',
  // The daemon sets these for the next hop, or answers them itself.
  'host',
  'via',
  'expect',
];

/**
 * The reply headers that a client gets: what describes the content, and what an HTTP API says about it. All compositors share
 * the daemon's origin, so any other header could speak for the whole daemon (cookies, CORS, policies, reports, orders to a
 * proxy in front of it), also one that browsers will know only tomorrow. A name that ends in `-` is a prefix.
 */
const PASSED_IN_REPLIES = [
  'accept-patch',
  'accept-post',
  'accept-ranges',
  'age',
  'allow',
  'cache-control',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'deprecation',
  'digest',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'pragma',
  'preference-applied',
  'ratelimit',
  'ratelimit-',
  'repr-digest',
  'retry-after',
  'server-timing',
  'sunset',
  'vary',
  'warning',
  // No standard, but known to clients of many APIs.
  'x-page',
  'x-per-page',
  'x-ratelimit-',
  'x-total-count',
  'x-total-pages',
  // For whatever else a compositor has to say.
  'x-compositor-',
];

/** Set on every reply, so that a browser may show the content but never runs it in the daemon's origin. */
const ADDED_TO_REPLIES = {
  'content-security-policy': "sandbox; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // Without it nginx buffers a live stream.
  'x-accel-buffering': 'no',
  via: VIA,
};

/** The request headers that a compositor gets; names in lower case. */
export function headersForTarget(headers: ForwardHeaders): ForwardHeaders {
  return { ...without(REMOVED_FROM_REQUESTS, headers), via: VIA };
}

/** The reply headers that the client gets. `root` is the daemon's path for the compositor's `/`. */
export function headersForClient(headers: ForwardHeaders, root: string): ForwardHeaders {
  const ofMessage = without(HOP_BY_HOP, headers);
  const kept = Object.fromEntries(Object.entries(ofMessage).filter(([name]) => isPassed(name)));
  for (const name of ['location', 'content-location']) {
    const to = kept[name];
    // A path would lead to one of the daemon's own pages, so it gets the root. `//host/x` names a host and stays.
    if (typeof to === 'string' && /^\/(?![/\\])/.test(to)) kept[name] = root + to;
  }
  return { ...kept, ...ADDED_TO_REPLIES };
}

function without(
  names: readonly string[],
  headers: ForwardHeaders,
): Record<string, string | readonly string[]> {
  const matches = matcherOf(names);
  // Connection names more headers of this hop.
  const options = [headers['connection'] ?? []].flat().join(',').split(',');
  const hop = new Set(options.map((option) => option.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.has(name) && !matches(name)));
}

function matcherOf(names: readonly string[]): (name: string) => boolean {
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('-'));
  return (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

const isPassed = matcherOf(PASSED_IN_REPLIES);
