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

/** Reply headers a client does not get: they would apply to the whole daemon, because all compositors share its origin. */
const REMOVED_FROM_REPLIES = [
  ...HOP_BY_HOP,
  'accept-ch',
  'access-control-',
  'alt-svc',
  'clear-site-data',
  'content-security-policy',
  'content-security-policy-',
  'cross-origin-',
  'nel',
  'origin-agent-cluster',
  'public-key-pins',
  'referrer-policy',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'speculation-rules',
  'strict-transport-security',
  'use-as-dictionary',
  'via',
  // A browser would ask for a password that the daemon never forwards.
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  // Orders to an nginx in front of the daemon: to send another file, at another speed, for another time.
  'x-accel-',
  'x-sendfile',
  // The daemon's own.
  'idempotent-replayed',
  'lease-generation',
  'manifest-',
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
  const kept = without(REMOVED_FROM_REPLIES, headers);
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
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('-'));
  // Connection names more headers of this hop.
  for (const option of [headers['connection'] ?? []].flat().join(',').split(','))
    exact.add(option.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !exact.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)),
    ),
  );
}
