import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const SHOTS = fileURLToPath(new URL('../../.tap/screenshots/', import.meta.url));
const DESK = { width: 1280, height: 800 };

export type ThemeName = 'dark' | 'light';

/** A picture of the page as it is, for people to look at: `.tap/screenshots/NAME.png`. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  // Two animation frames: the canvas is drawn in the next one.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.screenshot({ path: `${SHOTS}${name}.png` });
}

/** Does this once in each theme, and leaves the page in the dark one. */
export async function inBothThemes(page: Page, run: (theme: ThemeName) => Promise<unknown>): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`html[data-theme=${theme}]`).waitFor({ state: 'attached' });
    await run(theme);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
}

/** Pictures of what is no state of its own (those are in map-states*.test.ts), in both themes on a desk. */
export async function shootThemes(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize(DESK);
  await inBothThemes(page, (theme) => shoot(page, `${name}-${theme}`));
  if (before) await page.setViewportSize(before);
}
