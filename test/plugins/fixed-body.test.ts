import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';

t.test('what never changes is compressed once, and each form has its own validator', async (t) => {
  const { app, inject } = await build(t, { settings: { cors: { origins: ['https://map.example'] } } });
  for (const url of ['/openapi.json', '/docs/json', '/client.js', '/map', '/problems']) {
    const plain = await inject(url);
    t.match(plain, { status: 200, headers: { etag: /^"[\w-]{22}"$/, vary: 'Origin, Accept-Encoding' } }, url);
    const gzip = { 'accept-encoding': 'deflate;q=1.0, gzip;q=0.8' };
    const get = (headers: Record<string, string>) => app.server.inject({ url, headers });
    await eventually(
      async () => (await get(gzip)).headers['content-encoding'] === 'gzip',
      'it is compressed',
    );
    const compressed = await get(gzip);
    t.equal(gunzipSync(compressed.rawPayload).toString(), plain.text);
    t.equal(compressed.headers.etag, String(plain.headers['etag']).replace(/"$/, '-gzip"'));
    t.ok(compressed.rawPayload.length < plain.text.length / 2);
    for (const etag of [plain.headers['etag'], compressed.headers.etag])
      for (const more of [{}, gzip])
        t.match(await get({ ...more, 'if-none-match': String(etag) }), { statusCode: 304, payload: '' });
    t.equal((await get({ 'accept-encoding': 'gzip;q=0' })).payload, plain.text);
  }
});
