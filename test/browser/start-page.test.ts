// The page of docs/start/web-page.md, saved and opened as a file.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { blocks, page } from '../docs/pages.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';

t.test('a page that somebody saves and opens shows the plane', async (t) => {
  const { url, dir } = await startDaemon(t);
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '3,-4': { brick: 'wall.rts.png' }, '100,100': { brick: 'elsewhere' } });
  const [html, ...others] = blocks(page('docs/start/web-page.md'), 'html');
  t.equal(others.length, 0);
  const file = join(dir, 'page.html');
  await writeFile(file, html!.replaceAll('http://127.0.0.1:8760', url));
  const tab = await (await startBrowser(t)).open(pathToFileURL(file).href);
  const shows = (text: string) => tab.waitForFunction(`tiles.textContent === ${JSON.stringify(text)}`);
  await shows('live\n3,-4  wall.rts.png  of wall');
  await wall.patch({ '3,-4': null });
  await shows('live');
});
