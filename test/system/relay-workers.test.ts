// One daemon of two workers: what a browser says reaches those on its own worker and on the other.
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { TileClient } from '../support/tile-client.ts';
import { send } from '../support/http-client.ts';

t.test('two workers relay to each other', { timeout: 110_000 }, async (t) => {
  const { url } = await startDaemon(t, { args: ['--workers=2', '--relay-types=scene_update'] });
  const open = () => TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
  const browsers = await Promise.all(Array.from({ length: 8 }, open));
  for (const [who, browser] of browsers.entries()) browser.send({ type: 'scene_update', who });
  for (const [i, browser] of browsers.entries()) {
    const others = browsers.map((_, who) => who).filter((who) => who !== i);
    const heard = () =>
      browser
        .of('scene_update')
        .map(({ who }) => Number(who))
        .toSorted((a, b) => a - b);
    await browser.until(() => heard().length === others.length, `all others, at browser ${i}`, 45_000);
    t.same(heard(), others);
  }
  const { body } = await send('GET', `${url}/metrics`);
  t.match(body, /^compositord_relay_messages_total\{type="scene_update"\} 8$/m, 'one scrape counts for both');
});
