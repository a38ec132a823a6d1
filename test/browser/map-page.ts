import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Test } from 'tap';
import { CEILING } from '../support/browser.ts';

/** The result of `window.geometryMap()`; see web/page.ts. */
export interface MapState {
  readonly tiles: number;
  readonly known: number;
  readonly drawn: number;
  readonly level: number;
  readonly state: string;
  readonly revision: number;
  readonly shownRevision: number;
  readonly camera: { readonly x: number; readonly y: number; readonly zoom: number };
  readonly view: string;
  readonly moves: number;
  readonly rendered: number;
  readonly pictures: number;
  readonly commits: number;
  readonly bricks: Readonly<Record<string, string>>;
}

/** The same in the page, where the bricks are asked for. */
interface Handle extends Omit<MapState, 'bricks'> {
  readonly bricks: () => MapState['bricks'];
}

export interface MapPage {
  readonly page: Page;
  /** URLs asked for so far. */
  readonly requests: string[];
  readonly state: () => Promise<MapState>;
  /** Resolves as soon as `holds`; asks again and again until the ceiling. */
  readonly until: (what: string, holds: (state: MapState) => boolean) => Promise<MapState>;
}

const SHOTS = fileURLToPath(new URL('../../.tap/screenshots/', import.meta.url));

/**
 * Opens the map page and waits until it is `live`, or does not. Whatever the browser complains of (errors in the console, exceptions,
 * violations of the Content-Security-Policy) fails the test, unless
 * it matches `allow`: what a server refuses is such an error, too.
 */
export async function openMap(
  t: Test,
  browser: Browser,
  url: string,
  options: { hash?: string; live?: boolean; allow?: RegExp } = {},
): Promise<MapPage> {
  const context = await browser.newContext({
    viewport: { width: 1000, height: 700 },
    colorScheme: 'dark',
    // Animations are for people: a test waits for where they end.
    reducedMotion: 'reduce',
  });
  let over = false;
  t.teardown(async () => {
    over = true;
    await context.close();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(CEILING);
  const requests: string[] = [];
  const complain = (text: string) => {
    if (!over && !options.allow?.test(text)) t.fail(`the browser complains: ${text}`);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') complain(message.text());
  });
  page.on('pageerror', (error) => complain(String(error.stack)));
  page.on('request', (request) => requests.push(request.url()));
  await page.addInitScript(`
    addEventListener('securitypolicyviolation', (event) => console.error('violates', event.violatedDirective, event.blockedURI))
  `);

  const read = () =>
    page
      .evaluate(() => {
        const { geometryMap: map } = globalThis as { geometryMap?: () => Handle };
        const state = map?.();
        return state && { ...state, bricks: state.bricks() };
      })
      .catch((error: unknown) => {
        // The page loads anew (a token was taken, say): there is none yet.
        if (/context was destroyed/.test(String(error))) return undefined;
        throw error;
      });
  const until: MapPage['until'] = async (what, holds) => {
    const end = Date.now() + CEILING;
    for (;;) {
      const state = await read();
      if (state && holds(state)) return state;
      if (Date.now() > end) {
        const { bricks = {}, ...rest } = state ?? {};
        throw new Error(`no ${what}: ${JSON.stringify(rest)} ${JSON.stringify(bricks).slice(0, 500)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await page.goto(`${url}/map${options.hash ?? ''}`);
  if (options.live !== false) await until('live map', ({ state }) => state === 'live');
  return { page, requests, until, state: () => until('page', () => true) };
}

/** For whoever changes the page to look at: .tap/screenshots. */
export async function screenshot(page: Page, name: string): Promise<Buffer> {
  mkdirSync(SHOTS, { recursive: true });
  return page.screenshot({ path: `${SHOTS}${name}.png` });
}

/** Red, green and blue of one pixel of the screen. */
export async function pixel(browser: Browser, page: Page, x: number, y: number): Promise<number[]> {
  const png = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  // A page of its own reads it: the map's policy lets nothing in.
  const reader = await browser.newPage();
  try {
    // A text, not a function: the browser's types are not here.
    return await reader.evaluate<number[]>(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${png.toString('base64')}';
      await image.decode();
      const paint = document.createElement('canvas').getContext('2d');
      paint.drawImage(image, 0, 0);
      return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
    })()`);
  } finally {
    await reader.close();
  }
}

/** Where a cell's middle is on the screen. */
export function placeOf({ camera }: MapState, x: number, y: number): { x: number; y: number } {
  const { zoom } = camera;
  return {
    x: Math.round(500 + (x + 0.5 - camera.x) * zoom),
    y: Math.round(350 + (y + 0.5 - camera.y) * zoom),
  };
}
