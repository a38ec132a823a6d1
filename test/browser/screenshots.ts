import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const SHOTS = fileURLToPath(new URL('../../.tap/screenshots/', import.meta.url));

/** Pictures of the page as it is, in both themes and on a desk of 1280 x 800, for people to look at: .tap/screenshots. */
export async function shootThemes(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  const before = page.viewportSize();
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`html[data-theme=${theme}]`).waitFor({ state: 'attached' });
    // Two animation frames: the canvas is drawn in the next one.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await page.screenshot({ path: `${SHOTS}${name}-${theme}.png` });
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  if (before) await page.setViewportSize(before);
}
