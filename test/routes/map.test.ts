import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t from 'tap';
import { build } from '../support/build.ts';

t.test('the page names its files, lets nothing else run, and knows the configuration', async (t) => {
  const { inject } = await build(t, {
    settings: {
      basePath: '/studio',
      name: '<b>"A & B"</b>',
      brickUrl: 'https://bricks.example/images/{brick}?size=64&x="y"',
    },
  });
  const page = await inject('/studio/map');
  t.match(page, { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  const policy = String(page.headers['content-security-policy']);
  t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'; /);
  t.match(policy, "connect-src 'self' https://bricks.example;", 'which the page reads with a limit');
  t.match(policy, "img-src 'self' data: blob: https://bricks.example;", 'only the origin of the pictures');
  t.notMatch(policy, 'unsafe');
  t.notMatch(
    page.text,
    /<b>|%[a-z]+%|<script>|\son[a-z]+=/,
    'no name is markup, and nothing is left to fill in',
  );
  t.match(page.text, '&lt;b&gt;&quot;A &amp; B&quot;&lt;/b&gt;');
  t.match(page.text, 'data-pictures="https://bricks.example/images/{brick}?size=64&amp;x=&quot;y&quot;"');
  const etag = String(page.headers['etag']);
  t.match(await inject({ url: '/studio/map', headers: { 'if-none-match': etag } }), {
    status: 304,
    text: '',
  });

  const files = [...page.text.matchAll(/(?:src|href)="(\/studio\/map\/[^"]+)"/g)].map(([, url]) => url!);
  t.equal(files.length, 3, 'two scripts and a style sheet');
  for (const url of files) {
    const file = await inject(url);
    t.match(file, { status: 200, headers: { 'cache-control': 'public, max-age=31536000, immutable' } }, url);
    t.match(file.headers['content-type'], url.endsWith('.js') ? /^text\/javascript/ : /^text\/css/);
    const tag = { 'if-none-match': String(file.headers['etag']) };
    t.match(await inject({ url, headers: tag }), { status: 304 });
  }
});

// It answered 400: the name of a file, of no characters.
t.test('with a slash at its end the address leads to the page', async (t) => {
  const { inject } = await build(t, { settings: { basePath: '/studio' } });
  t.match(await inject('/studio/map/?from=mail'), {
    status: 302,
    headers: { location: '/studio/map?from=mail' },
  });
});

t.test('files come packed for those who take them so', async (t) => {
  const { app, inject } = await build(t);
  const [, url] = /src="([^"]+)"/.exec((await inject('/map')).text)!;
  const plain = (await inject(url!)).text;
  for (const [accepted, coding, unpack] of [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=1', 'gzip', gunzipSync],
  ] as const) {
    const reply = await app.server.inject({ url: url!, headers: { 'accept-encoding': accepted } });
    t.match(reply.headers, { 'content-encoding': coding, vary: 'Accept-Encoding' }, accepted);
    t.equal(unpack(reply.rawPayload).toString(), plain);
  }
  t.equal(
    (await inject({ url: url!, headers: { 'accept-encoding': 'zstd' } })).headers['content-encoding'],
    undefined,
  );
});

t.test('nothing but its files is below it', async (t) => {
  const { inject } = await build(t);
  for (const url of [
    '/map/index.html',
    '/map/..%2f..%2fmain.js',
    '/map/map-AAAAAAAA.js',
    '/map/map-AAAAAAAA.js.br',
  ])
    t.ok([400, 404].includes((await inject(url)).status), url);
  t.equal((await inject('/map/map-AAAAAAAA.js')).status, 404);
});
