import { required } from './options.ts';

/** How an address without a scheme begins: `localhost`, a number or a name with a port. In a page it would be taken for a path of the page. */
const HOST = /^(?:localhost|\d+(?:\.\d+){3}|\[[\da-f:]+\]|[\w-]+(?:\.[\w-]+)*:\d+)(?:[:/?#]|$)/i;

/** The absolute base URL: it ends with a slash and has no query and no fragment. In a page, `url` may be relative. Throws a TypeError. */
export function baseOf(caller: string, url: unknown): string {
  // A URL, or the location of a page.
  const given = typeof url === 'object' && url !== null && 'href' in url ? url.href : url;
  const text = required(caller, 'url', given).trim();
  const wrong = (why: string) => new TypeError(`${caller}: the url ${JSON.stringify(text)} ${why}`);
  if (HOST.test(text)) throw wrong(`has no scheme; did you mean "http://${text}"?`);
  let base;
  try {
    base = new URL(text, page());
  } catch {
    throw wrong(page() === undefined ? 'is not absolute, such as http://127.0.0.1:8760' : 'is no URL');
  }
  if (!/^https?:$/.test(base.protocol)) throw wrong('does not begin with http:// or https://');
  // No fetch takes such a URL.
  if (base.username || base.password)
    // Not quoted: it may hold a password.
    throw new TypeError(`${caller}: the url has a user; use the option "token"`);
  base.search = base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base.href;
}

/** The address of the page; undefined outside a browser. */
export function page(): string | undefined {
  return (globalThis as { document?: { baseURI: string } }).document?.baseURI;
}
