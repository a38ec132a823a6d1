import t, { type Test } from 'tap';
import { lyingServer } from '../client/lying-server.ts';
import { CEILING, startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, placeOf } from './map-page.ts';

/** One red pixel. */
const RED = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
);

/** A server of red pictures, for other paths 404; and the paths that were requested. */
async function pictures(
  t: Test,
  isThere: (path: string) => boolean,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const { url } = await lyingServer(t, [
    (reply, request) => {
      asked.push(request.url!);
      const found = isThere(request.url!);
      reply.writeHead(found ? 200 : 404, { 'access-control-allow-origin': '*', 'content-type': 'image/png' });
      reply.end(found ? RED : '');
    },
  ]);
  return { url, asked };
}

t.test('bricks that have pictures show them, the others their pattern', async (t) => {
  const { url, asked } = await pictures(t, (path) => path.startsWith('/bricks/red%20one.png?size=64&t='));
  const browser = (await startBrowser(t)).context.browser()!;
  const template = `${url}/bricks/{brick}?size=64`;
  const daemon = await startDaemon(t, { args: [`--brick-url=${template}`] });
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  await send('PATCH', `${daemon.url}/compositors/wall/tiles`, {
    '0,0': { brick: 'red one.png' },
    '1,0': { brick: 'none.png' },
    '2,0': { brick: '../../../secret?x=1#y' },
  });
  const map = await openMap(t, browser, daemon.url, {
    hash: '#0.5,0.5,60',
    allow: /Failed to load resource: .* 404/,
  });
  const state = await map.until('picture', ({ pictures }) => pictures === 1);
  const at = (x: number) => placeOf(state, x, 0);
  const end = Date.now() + 30_000;
  let colour: number[] = [];
  while (colour.join() !== '255,0,0' && Date.now() < end) {
    const { x, y } = at(0);
    colour = await pixel(browser, map.page, x, y);
  }
  t.strictSame(colour, [255, 0, 0], 'the picture is on its tile');
  const { x, y } = at(1);
  t.notSame(await pixel(browser, map.page, x, y), [255, 0, 0], 'where there is none the pattern stays');
  t.ok(
    asked.every((path) => path.startsWith('/bricks/')),
    `no name leads out of the folder: ${asked.join(' ')}`,
  );
  t.equal(asked.length, new Set(asked).size, 'what failed is not asked for again');
});

// Beyond 600 the newly loaded were never drawn, and those on the screen pushed each other out and were loaded for ever.
t.test('seven hundred pictures on the screen are each loaded once', async (t) => {
  const { url, asked } = await pictures(t, () => true);
  const browser = (await startBrowser(t)).context.browser()!;
  const daemon = await startDaemon(t, { args: [`--brick-url=${url}/{brick}`] });
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  const tiles = Array.from({ length: 700 }, (_, i) => [
    `${i % 35},${Math.floor(i / 35)}`,
    { brick: `b${i}` },
  ]);
  await send('PATCH', `${daemon.url}/compositors/wall/tiles`, Object.fromEntries(tiles));
  const map = await openMap(t, browser, daemon.url, { hash: '#17.5,10,20' });
  const state = await map.until('all pictures', ({ pictures }) => pictures === 700);
  const end = Date.now() + CEILING;
  const isRed = async (x: number, y: number) => {
    const place = placeOf(state, x, y);
    return (await pixel(browser, map.page, place.x, place.y)).join() === '255,0,0';
  };
  let drawn = false;
  while (!drawn && Date.now() < end) drawn = (await isRed(34, 0)) && (await isRed(30, 19));
  t.ok(drawn, 'all of them are on the screen');
  t.equal(asked.length, 700);
});
