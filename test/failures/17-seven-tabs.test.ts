// FAILURES 17. Seven tabs on HTTP/1.1. A browser opens six connections to an origin and lets the seventh wait for ever; the
// shipped client shares one stream between all tabs, so all of them load and update, each exact in its own view, and the
// tab that holds the stream may go.
import type { Page } from 'playwright-core';
import t from 'tap';
import { openTab, PAGE, shows } from '../browser/tabs.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { eventually } from './eventually.ts';
import { HttpPublisher } from './publisher.ts';

t.test('seven tabs', { timeout: 110_000 }, async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const desk = await HttpPublisher.join(url, 'desk');
  await wall.patch(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i},0`, { brick: `b${i}` }])));
  const browser = await startBrowser(t);
  const page = await servePage(t, PAGE(url));
  const views = [
    {},
    { view: '0,0,9,9' },
    { view: '5,0,14,9' },
    {},
    { view: '30,0,39,0' },
    { compositor: 'desk' },
    {},
  ];

  const tabs: Page[] = [];
  for (const options of views) tabs.push(await openTab(browser, page, options));
  await desk.patch({ '7,1': { brick: 'new' } });
  for (const tab of tabs) await shows(tab, desk.cursor);
  t.equal(app.feed.readers, 1, 'one stream for all');

  const areExact = async (which: typeof tabs, what: string) => {
    for (const tab of which) {
      const { view = '', compositor = '' } = views[tabs.indexOf(tab)] as {
        view?: string;
        compositor?: string;
      };
      const query = new URLSearchParams({ ...(view && { view }), ...(compositor && { compositor }) });
      const { body } = await send('GET', `${url}/manifest?${query.toString()}`);
      const sorted = (part: string) => `Object.fromEntries([...map.${part}].sort())`;
      t.same(await tab.evaluate(sorted('tiles')), body.tiles, `${what}: tiles of ${query.toString()}`);
      t.same(await tab.evaluate(sorted('compositors')), body.compositors, `${what}: compositors`);
    }
  };
  await areExact(tabs, 'at first');

  const [leader, ...others] = tabs;
  for (const tab of others) await tab.evaluate('removed.length = states.length = 0');
  await leader!.close();
  await wall.patch({ '0,0': { brick: 'after' }, '35,0': null });
  for (const tab of others) await shows(tab, wall.cursor);
  await areExact(others, 'after the leader has gone');
  await eventually(() => app.feed.readers === 1, 'one stream again');
  for (const tab of others) {
    const gone = await tab.evaluate<string[]>('removed');
    t.strictSame(
      gone.filter((key) => key !== '35,0'),
      [],
      'nothing flashed',
    );
    t.strictSame(await tab.evaluate('states'), [], 'not even the light');
  }

  await others[0]!.evaluate("map.setView('-5,-5,3,3')");
  await others[0]!.waitForFunction("map.view === '-5,-5,3,3'");
  views[1] = { view: '-5,-5,3,3' };
  await desk.patch({ '-3,-3': { brick: 'seen' }, '8,8': { brick: 'not seen' } });
  for (const tab of others) await shows(tab, desk.cursor);
  await areExact(others, 'after a tab has moved its view');
});
