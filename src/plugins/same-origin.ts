/**
 * Whether a page from `origin` is one of ours, for a request to `host`. The scheme is the origin's: a proxy may have ended TLS. Either may
 * name the default port of that scheme.
 */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined || /[/?#@\\]/.test(host) || !URL.canParse(origin)) return false;
  const { protocol, host: own } = new URL(origin);
  const target = `${protocol}//${host}`;
  return own !== '' && URL.canParse(target) && new URL(target).host === own;
}
