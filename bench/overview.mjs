// A map of 1,000,000 tiles on the map page in Chromium, seen from afar: what is transferred for it, and how soon areas are drawn.
import { openBrowser, SCREEN } from './browser.mjs';
import { median, written } from './measure.mjs';
import { LARGE_STORE } from './scale/restart.mjs';
import { fill } from './tiles.mjs';

const TILES = 1_000_000;
const ROUNDS = 3;
const KILOBYTES = 100;
const MS = 500;
/** Many tiles on the screen, each seen. */
const CLOSE = '#0,0,20';

export async function overview(lab) {
  const browser = await openBrowser();
  if (browser === undefined)
    return [{ what: 'zoomed out', ours: '', other: 'Chromium is not here', ratio: '' }];
  try {
    const daemon = await lab.daemon(LARGE_STORE);
    await fill(daemon.url, 'wall', TILES);
    // The first overview of a daemon's life makes the areas; the first page warms up the browser.
    const first = await opened(browser, `${daemon.url}/map`);
    const [opens, zooms] = [[], []];
    for (let i = 0; i < ROUNDS; i++) {
      opens.push(await opened(browser, `${daemon.url}/map`));
      zooms.push(await zoomedOut(browser, `${daemon.url}/map${CLOSE}`));
    }
    return [
      ...rows('the page opens over 1,000,000 tiles', opens, `the daemon's first: ${written(first.ms, 'ms')}`),
      ...rows('the page zooms out over 1,000,000 tiles', zooms),
    ];
  } finally {
    await browser.close();
  }
}

function rows(what, results, note = '') {
  const bytes = median(results.map(({ bytes }) => bytes)) / 1000;
  const ms = median(results.map(({ ms }) => ms));
  return [
    row(`${what}: data`, bytes, 'kB', KILOBYTES),
    { ...row(`${what}: first areas drawn`, ms, 'ms', MS), note },
  ];
}

function row(what, value, unit, limit) {
  const [ours, other] = [written(value, unit), `${limit} ${unit}`];
  return { what, ours, other, beside: 'allowed', ratio: value / limit, target: 1, atMost: true };
}

/** A page that opens with an empty cache: `ms` since it was requested. */
function opened(browser, url) {
  return onPage(browser, url, async (page, data) => {
    const handle = await page.waitForFunction(() => globalThis.geometryMap?.().firstTiles);
    await settled(page);
    return { ms: await handle.jsonValue(), bytes: data() };
  });
}

/** A page that shows tiles, and then everything: `ms` since the key was pressed. */
function zoomedOut(browser, url) {
  return onPage(browser, url, async (page, data) => {
    await page.waitForFunction(() => globalThis.geometryMap?.().tiles > 0);
    const before = data();
    const ms = await page.evaluate(
      () =>
        new Promise((resolve) => {
          globalThis.addEventListener('keydown', () => {
            const start = performance.now();
            globalThis.requestAnimationFrame(function look() {
              const { zoom, drawn } = globalThis.geometryMap();
              if (zoom > 0 && drawn > 0) resolve(performance.now() - start);
              else globalThis.requestAnimationFrame(look);
            });
          });
          globalThis.document.dispatchEvent(
            new globalThis.KeyboardEvent('keydown', { key: 'f', bubbles: true }),
          );
        }),
    );
    await settled(page);
    return { ms, bytes: data() - before };
  });
}

/** All tiles are counted, and the camera rests: a further zoom would have been requested. */
async function settled(page) {
  await page.waitForFunction((tiles) => globalThis.geometryMap().tilesOfAreas === tiles, TILES);
  await new Promise((resolve) => setTimeout(resolve, 1500));
}

/** `use` gets a page in a context of its own and what it has received so far: bytes as transferred, without the page itself. */
async function onPage(browser, url, use) {
  const context = await browser.newContext({ viewport: SCREEN });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const isData = new Map();
    let bytes = 0;
    session.on('Network.requestWillBeSent', ({ requestId, request }) =>
      isData.set(requestId, !new URL(request.url).pathname.startsWith('/map')),
    );
    session.on('Network.responseReceived', ({ requestId, response }) => {
      if (isData.get(requestId)) bytes += response.encodedDataLength;
    });
    session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
      if (isData.get(requestId)) bytes += encodedDataLength;
    });
    await session.send('Network.enable');
    await page.goto(url);
    return await use(page, () => bytes);
  } finally {
    await context.close();
  }
}
