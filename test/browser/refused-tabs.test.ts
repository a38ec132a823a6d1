// What went wrong: each tab of a page whose token was revoked asked for itself, for ever.
import t from 'tap';
import { build } from '../support/build.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { tokenFor } from '../support/tokens.ts';
import { PAGE } from './tabs.ts';

t.test('tabs that share a stream stop together, and know why', async (t) => {
  const { app, log } = await build(t, { settings: { auth: [tokenFor('eye', ['read']).entry] } });
  const browser = await startBrowser(t);
  const page = await servePage(t, PAGE(await app.listen()));
  const open = () =>
    browser.open(`${page}#${encodeURIComponent(JSON.stringify({ token: 'cmp_wrong' }))}`, { tolerant: true });
  const why = 'map.ready.then(() => "ready", ({ status, code }) => `${status} ${code}`)';
  const first = await open();
  t.equal(await first.evaluate(why), '401 unauthorized');
  const second = await open();
  t.equal(await second.evaluate(why), '401 unauthorized', 'also one that comes later');
  for (const tab of [first, second]) t.equal(await tab.evaluate('map.state'), 'refused');
  const requests = log.filter(({ url }) => String(url).startsWith('/manifest/stream'));
  t.equal(requests.length, 1, 'the second asked nobody');
});
