// examples/tab.html: a tab of a real browser that is a compositor.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { example } from '../examples/example.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { tokenFor } from '../support/tokens.ts';

t.test('a tab publishes, takes a command, comes back after a cut, and leaves', async (t) => {
  const tenant = tokenFor('tenant', ['write', 'command']);
  const served = await servePage(t, readFileSync(example('tab.html'), 'utf8'));
  const { app, inject } = await build(t, {
    settings: {
      auth: [tenant.entry],
      cors: { origins: [new URL(served).origin] },
      connect: { interval: 0.2 },
    },
  });
  const url = await app.listen();
  const { manifest } = app.replica.copy;
  const browser = await startBrowser(t);
  // What stands after # goes to no server.
  const page = await browser.open(`${served}#${url},${tenant.token}`, { tolerant: true });
  await page.getByText('is live').waitFor();
  await page.getByLabel('3,4', { exact: true }).click();
  await eventually(() => manifest.tile('3,4')?.brick === 'light.rts.png', 'its tile');
  const id = manifest.tile('3,4')!.compositor;
  t.match(manifest.compositor(id), { name: 'A browser tab', platform: 'browser' });
  const order = () =>
    inject({
      method: 'POST',
      url: `/compositors/${id}/commands`,
      headers: tenant.headers,
      payload: { command: 'clear' },
    });
  await eventually(async () => (await order()).status === 200, 'a command reaches it');
  await eventually(() => manifest.tile('3,4') === undefined, 'and is carried out');
  app.supervisor.endLinks();
  await page.getByLabel('7,7', { exact: true }).click();
  await eventually(() => manifest.tile('7,7') !== undefined, 'what was clicked while it was cut off');
  await page.goto('about:blank');
  await eventually(() => manifest.compositor(id) === undefined, 'it leaves with its tiles');
  t.equal(manifest.tile('7,7'), undefined);
});
