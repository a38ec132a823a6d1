/** Where a session's cookie goes. `base`: the base path, without a slash at its end. `secure`: the request came over TLS. */
export interface CookiePlace {
  readonly base: string;
  readonly secure: boolean;
}

/**
 * The name of the cookie. Over TLS it begins with `__Host-`: a browser then takes it from this host alone, over TLS alone, so that no
 * other host of the domain can set one. Such a cookie has the path `/`; the base path in its name keeps several daemons of a host apart.
 */
function nameOf({ base, secure }: CookiePlace): string {
  return secure ? `__Host-compositord${base.replaceAll('/', '.')}` : 'compositord';
}

/** The sessions in a `Cookie` header: usually none or one; several when cookies of other paths have the name, too. */
export function sessionsIn(header: string | undefined, place: CookiePlace): string[] {
  if (header === undefined) return [];
  const name = nameOf(place);
  return header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
}

/** A `Set-Cookie` that scripts cannot read, that other sites cannot send, and that ends after `seconds`. No seconds delete the cookie. */
export function sessionCookie(session: string, seconds: number, place: CookiePlace): string {
  const path = place.secure || place.base === '' ? '/' : place.base;
  return `${nameOf(place)}=${session}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${place.secure ? '; Secure' : ''}`;
}
