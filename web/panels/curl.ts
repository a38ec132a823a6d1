/** Set once a token was wanted: then a command line needs one, too. */
const KEY = 'compositord.token';

/** The daemon wanted a token of this browser. */
export function rememberToken(): void {
  try {
    localStorage.setItem(KEY, 'wanted');
  } catch {
    // Without storage the placeholder is left out.
  }
}

/** A command line that reads `path` of the daemon at `url`, with a place for a token where one is wanted. */
export function curlOf(url: string, path: string, wantsToken = isTokenWanted()): string {
  const header = wantsToken ? ` -H 'Authorization: Bearer TOKEN'` : '';
  return `curl${header} '${`${url}${path}`.replaceAll("'", '%27')}'`;
}

function isTokenWanted(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** Two command lines that register a compositor and put a tile on the plane. */
export function firstTileOf(url: string, wantsToken = isTokenWanted()): string {
  const header = wantsToken ? ` \\\n  -H 'Authorization: Bearer TOKEN'` : '';
  const line = (method: string, path: string, body: object) =>
    `curl -X ${method} '${`${url}${path}`.replaceAll("'", '%27')}'${header} \\\n  --json '${JSON.stringify(body)}'`;
  return [
    line('PUT', '/compositors/wall', { name: 'Wall', ttl: 3600 }),
    line('PATCH', '/compositors/wall/tiles', { '0,0': { brick: 'hello.png' } }),
  ].join('\n');
}
