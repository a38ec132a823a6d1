// The page of docs/client.md that a newcomer copies, word for word.
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { example } from '../examples/example.ts';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';

const html = readFileSync(example('live.html'), 'utf8');

async function serve(t: Test, port: number) {
  const page = await servePage(t, html.replaceAll('127.0.0.1:8760', `127.0.0.1:${port}`));
  return { page, origin: new URL(page).origin };
}

t.test('the docs have the page as it is', async (t) => {
  const docs = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8');
  t.ok(docs.includes(`\`\`\`html\n${html}\`\`\``));
});

t.test('it shows, draws and publishes', async (t) => {
  const port = await freePort();
  const { page, origin } = await serve(t, port);
  const { app } = await build(t, {
    settings: { listen: { host: '127.0.0.1', port }, cors: { origins: [origin] } },
  });
  const wall = await HttpPublisher.join(await app.listen(), 'wall');
  await wall.patch({ '0,0': { brick: 'a' } });
  const { manifest } = app.replica.copy;
  const browser = await startBrowser(t);
  const tab = await browser.open(page);
  const drawn = (x: number, y: number, is: boolean) => {
    const pixel = `getImageData(${x * 32 + 9}, ${y * 32 + 9}, 1, 1).data[3]`;
    return tab.waitForFunction(`document.getElementById('map').getContext('2d').${pixel} > 0 === ${is}`);
  };
  await drawn(0, 0, true);
  const click = (x: number, y: number) =>
    tab.locator('#map').click({ position: { x: x * 32 + 9, y: y * 32 + 9 } });
  await click(3, 4);
  await tab.getByText('3,4 is written').waitFor();
  t.match(manifest.tile('3,4'), { brick: 'hello.png', compositor: /^page-\d+$/ });
  await drawn(3, 4, true);
  await click(3, 4);
  await drawn(3, 4, false);
  await click(0, 0);
  await eventually(() => manifest.tile('0,0')?.brick === 'hello.png', 'the tile that it took over');
  await tab.goto('about:blank');
  await eventually(() => manifest.tile('0,0') === undefined, 'it leaves with its tiles');
});

// What went wrong: "TypeError: Failed to fetch", for ever, and not a word about what to set.
t.test('where the daemon does not list it, it says what to set', async (t) => {
  const port = await freePort();
  const { page, origin } = await serve(t, port);
  const { app } = await build(t, { settings: { listen: { host: '127.0.0.1', port } } });
  await app.listen();
  const browser = await startBrowser(t);
  const tab = await browser.open(page, { tolerant: true });
  await tab
    .getByText(`answers, but not to pages of ${origin}; list that in its setting cors.origins`)
    .waitFor();
});
