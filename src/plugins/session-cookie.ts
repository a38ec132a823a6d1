/** The name of the cookie that holds the token of a browser's session. */
export const SESSION = 'compositord';

/** The token in a `Cookie` header; undefined without a session. */
export function sessionIn(header: string | undefined): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === SESSION) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A `Set-Cookie` that scripts cannot read, that other sites cannot send, and that ends with the browser. Without `token` it deletes the cookie. */
export function sessionCookie(token: string | undefined, options: { path: string; secure: boolean }): string {
  const { path, secure } = options;
  const end = token === undefined ? '; Max-Age=0' : '';
  return `${SESSION}=${token ?? ''}; Path=${path}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${end}`;
}
