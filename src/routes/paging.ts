/** The `Link` header for the page after the one at `url`, with the same filters. */
export function nextLink(base: string, url: string, after: string): string {
  const here = new URL(url, 'http://localhost');
  here.searchParams.set('after', after);
  const path = base !== '' && !here.pathname.startsWith(base) ? base + here.pathname : here.pathname;
  return `<${path}${here.search}>; rel="next"`;
}
