// The shipped client, as a page of another origin loads it from the daemon, in a real browser.
import t from 'tap';
import type * as shipped from '../../src/client/client.ts';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { loadVectors } from '../vectors/vectors.ts';
import { openTab, PAGE, shows } from './tabs.ts';

t.test('a page of another origin', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' } });
  const browser = await startBrowser(t);
  const page = await browser.open(
    await servePage(
      t,
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${url} 'nonce-x'; connect-src ${url}">
       <script type="module" nonce="x">
         import { connect } from '${url}/client.js'
         window.map = connect({ url: '${url}' })
       </script>`,
    ),
  );
  await page.waitForFunction("map?.state === 'live'");
  await wall.patch({ '0,0': null, '1,1': { brick: '<img onerror>', timestamp: 5 } });
  await page.waitForFunction(`map.cursor === '${wall.cursor}'`);
  const { body } = await send('GET', `${url}/manifest`);
  t.strictSame(await page.evaluate('Object.fromEntries(map.tiles)'), body.tiles);
  t.strictSame(await page.evaluate('Object.fromEntries(map.compositors)'), body.compositors);

  // Its own EventSource gets the stream compressed, and still each frame before the next is written.
  const response = page.waitForResponse(/\/manifest\/stream\?view=/);
  await page.evaluate((stream) => {
    const source = new EventSource(stream);
    source.addEventListener('patch', (event) => {
      Object.assign(globalThis, { last: (event as MessageEvent).data as unknown });
    });
  }, `${url}/manifest/stream?view=0,0,9,9`);
  t.equal((await response).headers()['content-encoding'], 'gzip');
  await eventually(async () => app.feed.readers === 2, 'its stream is open');
  for (let i = 0; i < 20; i++) {
    await wall.patch({ '2,2': { brick: `frame-${i}` } });
    const shown = (mark: string) => (globalThis as { last?: string }).last?.includes(mark);
    await page.waitForFunction(shown, `"frame-${i}"`);
  }
});

// What went wrong: a sandboxed frame has Web Locks that refuse every request; the client waited for one for ever.
t.test('a sandboxed frame, which gets no locks', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' } });
  const browser = await startBrowser(t);
  const frame = `<script type=module>
    import { connect } from '${url}/client.js'
    const map = connect({ url: '${url}' })
    map.on('state', (state) => parent.postMessage(JSON.stringify([state, 'locks' in navigator, map.tiles.size]), '*'))
  </script>`;
  const page = await browser.open(
    await servePage(
      t,
      `<!doctype html><script>addEventListener('message', ({ data }) => { window.said = data })</script>
       <iframe sandbox="allow-scripts" srcdoc="${frame}"></iframe>`,
    ),
  );
  await page.waitForFunction(`window.said === '["live",true,1]'`);
});

t.test('the transcripts, as bytes that a browser gets', { timeout: 110_000 }, async (t) => {
  const vectors = loadVectors();
  const { app } = await build(t);
  const url = await app.listen();
  const browser = await startBrowser(t);
  const page = await browser.open(
    await servePage(
      t,
      `<!doctype html><script type="module">import * as client from '${url}/client.js'; window.client = client</script>`,
    ),
  );
  await page.waitForFunction('window.client');
  let checked = 0;
  for (const vector of vectors.values()) {
    // What is not exact at its end shows what was exact before it, and is checked by test/client/vectors.test.ts.
    if (!vector.exact || vector.digestOk === false) continue;
    const before = vector.continues === null ? undefined : vectors.get(vector.continues);
    if (before && (!before.exact || before.continues !== null)) continue;
    checked += 1;
    const chain = [before, vector].flatMap((each) =>
      each ? [Buffer.from(each.bytes).toString('base64')] : [],
    );
    const got = await page.evaluate(
      async ({ chain, cursor }) => {
        const { connect } = (globalThis as unknown as { client: typeof shipped }).client;
        const left = chain.map((text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)));
        const answer = () => {
          const bytes = left.shift();
          const body = new ReadableStream<Uint8Array>({
            start: (controller) => {
              if (bytes) controller.enqueue(bytes);
              // The last one stays open; the one before ends, and the client comes back.
              if (bytes && left.length > 0) controller.close();
            },
          });
          return Promise.resolve(new Response(body));
        };
        const map = connect({ url: 'http://nowhere.example', fetch: answer, maxRetry: 0 });
        // Nothing tells when the last byte of a transcript has been taken.
        for (let look = 0; look < 1000 && !(left.length === 0 && map.cursor === cursor); look++)
          await new Promise((resolve) => setTimeout(resolve, 5));
        map.close();
        // As text: Playwright drops a field that is called __proto__.
        return [map.tiles, map.areas, map.compositors].map((each) =>
          [...each].map((entry) => JSON.stringify(entry)).sort(),
        );
      },
      { chain, cursor: vector.lastEventId.replace(/[~@].*/, '') },
    );
    const { tiles = {}, areas = {}, compositors } = vector.state;
    const wanted = [tiles, areas, compositors].map((each) =>
      Object.entries(each)
        .map((entry) => JSON.stringify(entry))
        .sort(),
    );
    t.strictSame(got, wanted, vector.name);
  }
  t.ok(checked >= 20, `${checked} transcripts`);
});

t.test('a tab that leads and does not answer any more loses the lead', { timeout: 110_000 }, async (t) => {
  const { app } = await build(t, { settings: { stream: { heartbeat: 1 } } });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' } });
  const browser = await startBrowser(t);
  const page = await servePage(t, PAGE(url));
  const leader = await openTab(browser, page, { watchdog: 5000 });
  await shows(leader, wall.cursor);
  const follower = await openTab(browser, page, { watchdog: 5000 });
  await shows(follower, wall.cursor);
  t.equal(app.feed.readers, 1);

  await leader.evaluate(
    'window.speak = BroadcastChannel.prototype.postMessage, BroadcastChannel.prototype.postMessage = () => {}',
  );
  await wall.patch({ '0,0': { brick: 'b' } });
  await shows(follower, wall.cursor);
  t.equal(await follower.evaluate("map.tiles.get('0,0').brick"), 'b');
  await eventually(() => app.feed.readers === 1, 'the old stream has ended');
  // It speaks again, and finds somebody else in its place.
  await leader.evaluate('BroadcastChannel.prototype.postMessage = speak');
  await wall.patch({ '1,1': { brick: 'c' } });
  for (const tab of [leader, follower]) await shows(tab, wall.cursor);
  t.equal(app.feed.readers, 1);
});
