import type { Page } from 'playwright-core';
import type { TestBrowser } from '../support/browser.ts';

/** A page that shows the map of the daemon at `url`, as `map`, and counts what its viewer would see flash. */
export const PAGE = (url: string): string => `<!doctype html>
<script type="module">
  import { connect } from '${url}/client.js'
  const options = JSON.parse(decodeURIComponent(location.hash.slice(1) || '{}'))
  window.map = connect({ url: '${url}', maxRetry: 500, ...options })
  window.removed = []
  window.states = []
  map.on('remove', (key) => removed.push(key))
  map.on('state', (state) => states.push(state))
</script>`;

/** A tab of such a page. */
export async function openTab(browser: TestBrowser, page: string, options: object = {}): Promise<Page> {
  return browser.open(`${page}#${encodeURIComponent(JSON.stringify(options))}`);
}

/** Resolves when the tab is live at `cursor` or later. */
export async function shows(tab: Page, cursor: string): Promise<void> {
  await tab.waitForFunction(`window.map?.state === 'live' && parseInt(map.cursor) >= ${parseInt(cursor)}`);
}
