/** The base of an http(s) address, without slashes at its end; undefined when it is none, or has more than a path. */
export function baseUrl(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { username, password, search, hash, origin, pathname } = new URL(text);
  return username + password + search + hash === '' ? `${origin}${pathname}`.replace(/\/+$/, '') : undefined;
}
