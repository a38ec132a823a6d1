/** The cookie that holds the token of a browser's session. */
export const SESSION = 'compositord';

/** The token in a `Cookie` header; undefined when it holds no session. */
export function sessionIn(header: string | undefined): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === SESSION) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A `Set-Cookie` that no script can read, that no other site can send, and that ends with the browser; without `token` it ends at once. */
export function sessionCookie(token: string | undefined, options: { path: string; secure: boolean }): string {
  const { path, secure } = options;
  const end = token === undefined ? '; Max-Age=0' : '';
  return `${SESSION}=${token ?? ''}; Path=${path}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${end}`;
}
