import t from 'tap';
import { lyingServer } from '../client/lying-server.ts';
import { CEILING, startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, placeOf, type MapPage } from './map-page.ts';

const HEADERS = { 'access-control-allow-origin': '*' };
const MEGABYTE = Buffer.alloc(2 ** 20);
const square = (colour: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path fill="${colour}" d="M0 0h9v9H0z"/></svg>`;

/** Megabytes that were sent of the large picture. */
let sent = 0;
const requested: string[] = [];
const { url } = await lyingServer(t, [
  (reply, request) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    requested.push(pathname);
    if (pathname === '/page.png') reply.writeHead(200, { ...HEADERS, 'content-type': 'image/png' });
    else if (pathname === '/page.html') reply.writeHead(200, { ...HEADERS, 'content-type': 'text/html' });
    else reply.writeHead(200, { ...HEADERS, 'content-type': 'image/svg+xml' });
    if (pathname.startsWith('/page')) reply.end('<!doctype html><title>Sign in</title>');
    else if (pathname === '/large.svg') {
      const more = () => {
        while (!reply.destroyed && sent < 50) if (!reply.write(MEGABYTE, () => (sent += 1))) break;
        if (sent >= 50) reply.end();
      };
      reply.on('drain', more);
      more();
    } else reply.end(square(searchParams.get('t') === '2' ? '#0f0' : '#f00'));
  },
]);
const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t, { args: [`--brick-url=${url}`] });
const patch = (tiles: object) => send('PATCH', `${daemon.url}/compositors/wall/tiles`, tiles);
await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });

/** Waits until the middle of the cell 0,0 has this colour. */
async function turns(map: MapPage, wanted: string): Promise<boolean> {
  const { x, y } = placeOf(await map.state(), 0, 0);
  for (const end = Date.now() + CEILING; Date.now() < end;)
    if ((await pixel(browser, map.page, x, y)).join() === wanted) return true;
  return false;
}

// The picture of a brick was read once: who wrote the same name again saw the old picture until the page was loaded anew.
t.test('a tile that is written again shows its picture as it is by then', async (t) => {
  await patch({
    '0,0': { brick: 'same.svg', timestamp: 1 },
    '1,0': { brick: 'same.svg', timestamp: 1 },
  });
  const map = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60' });
  t.ok(await turns(map, '255,0,0'));
  await patch({ '0,0': { brick: 'same.svg', timestamp: 2 } });
  t.ok(await turns(map, '0,255,0'));
  t.equal(requested.filter((path) => path === '/same.svg').length, 2, 'once for each timestamp');
  await patch({ '0,0': null, '1,0': null });
});

t.test('what is too large or no picture leaves the pattern', async (t) => {
  await patch({
    '0,0': { brick: 'large.svg', timestamp: 1 },
    '1,0': { brick: 'page.html', timestamp: 1 },
    '2,0': { brick: 'page.png', timestamp: 1 },
    '3,0': { brick: 'last.svg', timestamp: 1 },
  });
  const map = await openMap(t, browser, daemon.url, { hash: '#0.5,0.5,60' });
  await map.until('picture', ({ pictures }) => pictures === 1);
  const end = Date.now() + CEILING;
  while (new Set(requested).size < 5 && Date.now() < end) await new Promise(setImmediate);
  const state = await map.state();
  for (const x of [0, 1, 2]) {
    const place = placeOf(state, x, 0);
    t.notMatch((await pixel(browser, map.page, place.x, place.y)).join(), /^255,0,0$/);
  }
  t.ok(sent < 50, `the page did not read to the end: ${sent} MB`);
});
