import { found } from './lab.mjs';

/** Of the map page. */
export const SCREEN = { width: 1000, height: 800 };

/** A real Chromium without a graphics card; undefined where there is none. */
export async function openBrowser() {
  const executablePath = found('/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome');
  if (executablePath === undefined) return undefined;
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-unsafe-swiftshader'] });
}
