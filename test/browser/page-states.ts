import type { Browser } from 'playwright-core';
import type { Test } from 'tap';
import { accessible } from './axe.ts';
import { openMap, placeOf, type MapPage, type MapState } from './map-page.ts';
import { inBothThemes, shoot } from './screenshots.ts';

const SCREENS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** The page on one of the screens. */
export interface Stage extends MapPage {
  readonly screen: keyof typeof SCREENS;
  readonly isPhone: boolean;
  /** Where the middle of a cell is on this screen. */
  readonly placeOf: (state: MapState, x: number, y: number) => { x: number; y: number };
}

/** A state of the page, described once: axe and the pictures of both screens in both themes run on it. */
export interface PageState {
  /** Its pictures are `.tap/screenshots/NAME-THEME-SCREEN.png`. */
  readonly name: string;
  /** What happens elsewhere, once for both screens. */
  readonly before?: () => Promise<unknown>;
  /** Brings a page there, from the state before it. */
  readonly reach: (stage: Stage) => Promise<unknown>;
  /** What does not last: it is done anew before each picture. */
  readonly moment?: (stage: Stage) => Promise<unknown>;
}

/** Brings a page on a desk and one on a phone from one state to the next; in each, axe finds nothing, and pictures are taken for people to look at. */
export async function showStates(
  t: Test,
  browser: Browser,
  { url, ...options }: { url: string; hash?: string; live?: boolean; allow?: RegExp },
  states: readonly PageState[],
): Promise<void> {
  const stages = await Promise.all(
    (['desk', 'phone'] as const).map(async (screen): Promise<Stage> => {
      const size = SCREENS[screen];
      const isPhone = screen === 'phone';
      const map = await openMap(t, browser, url, { ...options, size, touch: isPhone });
      return { ...map, screen, isPhone, placeOf: (state, x, y) => placeOf(state, x, y, size) };
    }),
  );
  for (const state of states)
    await t.test(state.name, async (t) => {
      await state.before?.();
      await Promise.all(stages.map((stage) => show(t, stage, state)));
    });
}

async function show(t: Test, stage: Stage, { name, reach, moment }: PageState): Promise<void> {
  const { page, screen } = stage;
  await reach(stage);
  await inBothThemes(page, async (theme) => {
    const picture = `${name}-${theme}-${screen}`;
    await accessible(t, page, picture, theme === 'dark' ? 'all' : 'colours');
    await moment?.(stage);
    await shoot(page, picture);
  });
}

/** The button that folds the list; while it is folded it says how many problems there are. */
const LIST = /List of compositors$/;

/** On a phone the list and the search are folded away until one opens them. */
export async function unfold({ page }: Stage): Promise<void> {
  const show = page.getByRole('button', { name: LIST, expanded: false });
  if (await show.isVisible()) await show.click();
}

export async function fold({ page, isPhone }: Stage): Promise<void> {
  const hide = page.getByRole('button', { name: LIST, expanded: true });
  if (isPhone && (await hide.isVisible())) await hide.click();
}

/** Closes the panel of what is open. */
export async function close({ page }: Stage): Promise<void> {
  const details = page.locator('#details');
  if (await details.isVisible()) await details.getByRole('button', { name: 'Close' }).click();
  await details.waitFor({ state: 'hidden' });
}

/** Goes where an address leads, without motion. */
export async function goTo({ page, until }: Stage, hash: string): Promise<MapState> {
  await page.evaluate(`location.hash = '${hash}'`);
  const [x, y, zoom] = hash
    .replace(/^#|[!@].*$/g, '')
    .split(',')
    .map(Number) as [number, number, number];
  return until(
    hash,
    ({ camera }) =>
      Math.abs(camera.x - x) < 0.1 && Math.abs(camera.y - y) < 0.1 && Math.abs(camera.zoom - zoom) < 0.01,
  );
}
