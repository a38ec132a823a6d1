import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { openBrowser, SCREEN } from './browser.mjs';
import { freePort } from './lab.mjs';
import { interleaved, median, written } from './measure.mjs';
import { fill } from './tiles.mjs';

const TILES = 100_000;
/** 20 pixels a tile: 2,000 tiles on the screen. */
const PLACE = '#0,0,20';
/** Of one slice of panning, in ms. */
const SLICE = 4000;
const ROUNDS = 4;

/** The map page in a real Chromium: how soon it shows tiles, and how smoothly it pans beside Pixi with nothing to draw. */
export async function map(lab) {
  const browser = await openBrowser();
  if (browser === undefined)
    return [{ what: 'the map page', ours: '', other: 'Chromium is not here', ratio: '' }];
  const empty = await serveEmptyScene();
  try {
    const daemon = await lab.daemon();
    await fill(daemon.url, 'wall', TILES);
    const paints = [];
    for (let i = 0; i < ROUNDS + 1; i++) {
      // A context of its own: nothing is in its cache.
      const context = await browser.newContext({ viewport: SCREEN });
      const page = await context.newPage();
      await page.goto(`${daemon.url}/map${PLACE}`);
      const handle = await page.waitForFunction(() => globalThis.geometryMap?.().firstTiles);
      // The first one warms up the browser itself.
      if (i > 0) paints.push(await handle.jsonValue());
      await context.close();
    }
    const results = await interleaved(
      {
        ours: () => pan(browser, `${daemon.url}/map${PLACE}`, () => globalThis.geometryMap?.().firstTiles),
        empty: () => pan(browser, empty.url, () => globalThis.scene?.frames),
      },
      ROUNDS,
    );
    const [ours, other] = [median(results.ours), median(results.empty)];
    return [
      {
        what: `the map: first tiles of ${written(TILES)}, 2,000 on the screen`,
        ours: written(median(paints), 'ms'),
        other: written(1000, 'ms'),
        ratio: median(paints) / 1000,
        target: 1,
        atMost: true,
      },
      {
        what: 'the map: frames while panning',
        ours: written(ours, '/s'),
        other: written(other, '/s'),
        beside: 'Pixi with nothing to draw',
        ratio: ours / other,
        target: 0.8,
      },
    ];
  } finally {
    await browser.close();
    empty.close();
  }
}

/** Frames that the page manages in a second while Shift and arrow keys take the map to and fro, in and out of what it has loaded. */
async function pan(browser, url, ready) {
  const page = await browser.newPage({ viewport: SCREEN });
  try {
    await page.addInitScript(() => {
      globalThis.turns = 0;
      requestAnimationFrame(function turn() {
        globalThis.turns += 1;
        requestAnimationFrame(turn);
      });
    });
    await page.goto(url);
    await page.waitForFunction(ready);
    const turns = () => page.evaluate(() => globalThis.turns);
    const start = performance.now();
    const before = await turns();
    for (let step = 0; performance.now() - start < SLICE; step++) {
      await page.keyboard.press(step % 6 < 3 ? 'Shift+ArrowRight' : 'Shift+ArrowLeft');
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    const drawn = (await turns()) - before;
    return (drawn * 1000) / (performance.now() - start);
  } finally {
    await page.close();
  }
}

async function serveEmptyScene() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('load/empty-scene.mjs', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
  });
  const server = createServer(({ url }, reply) => {
    const isScript = url === '/scene.js';
    reply.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    reply.end(
      isScript
        ? outputFiles[0].contents
        : '<!doctype html><body style="margin:0"><script type="module" src="/scene.js"></script>',
    );
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
