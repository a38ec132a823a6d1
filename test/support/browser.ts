import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { freePort } from './free-port.ts';

/** What waits for a page may wait so long: a busy machine is slow. */
export const CEILING = 30_000;

export interface TestBrowser {
  /** Its tabs share storage, locks and channels, as a person's tabs do. */
  readonly context: BrowserContext;
  /** A new tab at `url`. What it logs as an error and what it throws makes the test fail, unless `tolerant`. */
  open(url: string, options?: { readonly tolerant?: boolean }): Promise<Page>;
}

/**
 * A real Chromium, one for a test file; closed when `t` ends. What its pages say is shown when the test fails. `hosts` are names
 * that lead to 127.0.0.1.
 */
export async function startBrowser(
  t: Test,
  { hosts = [] }: { readonly hosts?: readonly string[] } = {},
): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    // WebGL without a GPU; and root, in a container, has no sandbox.
    args: [
      ...['--no-sandbox', '--enable-unsafe-swiftshader', '--disable-dev-shm-usage'],
      ...(hosts.length > 0
        ? [`--host-resolver-rules=${hosts.map((name) => `MAP ${name} 127.0.0.1`).join(',')}`]
        : []),
    ],
    timeout: 60_000,
  });
  const context = await browser.newContext();
  context.setDefaultTimeout(CEILING);
  const said: string[] = [];
  let over = false;
  // At once, not at the end: an error in a teardown would keep the others from running.
  const mistake = (line: string) => over || t.fail(`a mistake in a page: ${line}`);
  // Not `after`: a file whose root test has no `teardown` waits for the browser to end by itself.
  t.teardown(async () => {
    over = true;
    await browser.close();
    if (!t.passing()) for (const line of said) t.comment(line);
  });
  return {
    context,
    open: async (url, { tolerant = false } = {}) => {
      const page = await context.newPage();
      page.on('console', (message) => {
        const line = `${message.type()}: ${message.text()} (${message.location().url})`;
        said.push(line);
        if (message.type() === 'error' && !tolerant) mistake(line);
      });
      page.on('pageerror', (error) => {
        said.push(String(error.stack ?? error));
        mistake(String(error));
      });
      await page.goto(url);
      return page;
    },
  };
}

/** Serves `html` at `/` of an origin of its own; its URL. */
export async function servePage(t: Test, html: string): Promise<string> {
  const server = createServer((request, reply) => {
    // Nothing for whoever asks for a picture of the page: a 404 is an error in its console.
    if (request.url === '/') reply.setHeader('content-type', 'text/html; charset=utf-8').end(html);
    else reply.writeHead(204).end();
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}/`;
}

function chromiumPath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
  if (found === undefined) throw new Error('there is no Chromium on this machine');
  return found;
}
