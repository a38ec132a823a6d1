import type { IncomingMessage } from 'node:http';

const ABSOLUTE = /^(?:https?|wss?):\/\/([^/?#]*)(.*)$/is;

/**
 * The target of a request as a path with its query. An absolute target (`GET http://host/path`) names the host itself: as
 * RFC 9112 (3.2.2) wants it, that replaces the `Host` header for every rule that reads it.
 */
export function originForm(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const [matched, authority = '', rest = ''] = url.startsWith('/') ? [] : (ABSOLUTE.exec(url) ?? []);
  if (matched === undefined) return url;
  // HTTP/1.1 requires the header all the same, so its absence must stay visible.
  if (request.headers.host !== undefined || request.httpVersion !== '1.1') request.headers.host = authority;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
