import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Test } from 'tap';
import { CEILING } from '../support/browser.ts';

/** The result of `window.geometryMap()`; see web/page.ts. */
export interface MapState {
  /** Known one by one. */
  readonly tiles: number;
  /** Of the areas shown; 0: tiles. */
  readonly zoom: number;
  readonly areas: number;
  readonly tilesOfAreas: number;
  /** With an outline, in view or not. */
  readonly regions: number;
  readonly known: number;
  readonly drawn: number;
  readonly level: number;
  readonly state: string;
  readonly revision: number;
  readonly shownRevision: number;
  readonly camera: { readonly x: number; readonly y: number; readonly zoom: number };
  /** The tile that the keyboard is at. */
  readonly cursor?: { readonly x: number; readonly y: number };
  readonly view: string;
  readonly moves: number;
  readonly rendered: number;
  /** Rings where something changed, so far. */
  readonly pulses: number;
  readonly pictures: number;
  readonly commits: number;
  /** Of the past. */
  readonly moment?: { readonly cursor: string };
  /** Places that differ from the moment that is compared with. */
  readonly marks: number;
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

/** Those of the requests that opened a stream. */
export function streamsOf(requests: readonly string[]): string[] {
  return requests.filter((url) => new URL(url).pathname === '/manifest/stream');
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const SIZE: Size = { width: 1000, height: 700 };

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
  options: {
    hash?: string;
    live?: boolean;
    allow?: RegExp;
    script?: string;
    size?: Size;
    touch?: boolean;
  } = {},
): Promise<MapPage> {
  const context = await browser.newContext({
    viewport: options.size ?? SIZE,
    hasTouch: options.touch ?? false,
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
    ${options.script ?? ''}
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
  return (await pixels(browser, page, { x, y, width: 1, height: 1 }))[0]!;
}

/** Of all pixels of a part of the screen, row by row. */
export async function pixels(
  browser: Browser,
  page: Page,
  clip: { x: number; y: number; width: number; height: number },
): Promise<number[][]> {
  const png = await page.screenshot({ clip });
  // A page of its own reads it: the map's policy lets nothing in.
  const reader = await browser.newPage();
  try {
    // A text, not a function: the browser's types are not here.
    return await reader.evaluate<number[][]>(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${png.toString('base64')}';
      await image.decode();
      const paint = document.createElement('canvas').getContext('2d');
      paint.canvas.width = ${clip.width};
      paint.canvas.height = ${clip.height};
      paint.drawImage(image, 0, 0);
      const { data } = paint.getImageData(0, 0, ${clip.width}, ${clip.height});
      return Array.from({ length: data.length / 4 }, (_, i) => [...data.slice(i * 4, i * 4 + 3)]);
    })()`);
  } finally {
    await reader.close();
  }
}

/** Where a cell's middle is on the screen. */
export function placeOf(
  { camera }: MapState,
  x: number,
  y: number,
  { width, height } = SIZE,
): { x: number; y: number } {
  const { zoom } = camera;
  return {
    x: Math.round(width / 2 + (x + 0.5 - camera.x) * zoom),
    y: Math.round(height / 2 + (y + 0.5 - camera.y) * zoom),
  };
}
