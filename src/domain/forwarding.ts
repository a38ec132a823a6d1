import type { ForwardHeaders } from './forwarder.ts';

/** Names us in `Via`; a reply that has it is the compositor's, whatever its status. */
export const VIA = '1.1 compositord';

/** Of one connection, not of the message (RFC 9110, 7.6.1), with older names that mean the same. */
const ONE_HOP = [
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

/** What a compositor is not told. A name that ends in `-` stands for all that begin with it. */
const NOT_SENT = [
  ...ONE_HOP,
  // Credentials: they are for us, and a compositor could use them here.
  'authorization',
  'cookie',
  'lease-generation',
  // Whoever believes them would believe whatever a caller writes.
  'forwarded',
  'x-forwarded-',
  'x-real-ip',
  // About pages and browsers: who may call is judged here.
  'origin',
  'referer',
  'sec-',
  // Said anew for the next hop, or answered here.
  'host',
  'via',
  'expect',
];

/** What a caller is not told: it would speak for the whole daemon, since all compositors share its origin. */
const NOT_PASSED_ON = [
  ...ONE_HOP,
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
  // A browser would ask a person for a password that is never sent.
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  // Said to nginx before us: it would answer with another file, at another speed, for another time.
  'x-accel-',
  'x-sendfile',
  // Ours.
  'idempotent-replayed',
  'lease-generation',
  'manifest-',
];

/** Over whatever the compositor said: what it sends may be shown, but never runs in our origin. */
const SAID_HERE = {
  'content-security-policy': "sandbox; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // nginx would hold a live stream back.
  'x-accel-buffering': 'no',
  via: VIA,
};

/** The headers of a request as they go on to a compositor; names in lower case. */
export function headersForTarget(headers: ForwardHeaders): ForwardHeaders {
  return { ...without(NOT_SENT, headers), via: VIA };
}

/** The headers of a compositor's reply as they go on to the caller. `root`: the path here under which the compositor's `/` is. */
export function headersForCaller(headers: ForwardHeaders, root: string): ForwardHeaders {
  const kept = without(NOT_PASSED_ON, headers);
  for (const name of ['location', 'content-location']) {
    const to = kept[name];
    // `//host/x` names a host. A path is the compositor's own: here it would lead to one of ours.
    if (typeof to === 'string' && /^\/(?![/\\])/.test(to)) kept[name] = root + to;
  }
  return { ...kept, ...SAID_HERE };
}

function without(
  names: readonly string[],
  headers: ForwardHeaders,
): Record<string, string | readonly string[]> {
  const exact = new Set(names);
  const beginnings = names.filter((name) => name.endsWith('-'));
  // What Connection names is of this hop too; but `close` is a word, not a header.
  for (const option of [headers['connection'] ?? []].flat().join(',').split(','))
    exact.add(option.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !exact.has(name) && !beginnings.some((beginning) => name.startsWith(beginning)),
    ),
  );
}
