import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { rawRequest } from '../support/raw-request.ts';
import { readPng } from '../support/read-png.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');

async function world(t: Test, bricks: { missing?: 'draw' | '404' } = {}) {
  const outside = await temporaryFolder(t);
  const from = join(outside, 'builder');
  for (const folder of ['queue', 'processed', 'map', 'metadata'])
    await mkdir(join(from, folder), { recursive: true });
  const built = await build(t, { settings: { bricks: { from, ...bricks } } });
  const write = (path: string, content: string | Buffer) => writeFile(join(from, path), content);
  return { ...built, outside, from, write };
}

t.test('a picture of the folder, with its type and its validator', async (t) => {
  const { inject, write } = await world(t);
  await write('queue/wall.rts.png', PNG);
  await write('map/wall.jpg', 'a photograph');
  await write('processed/system_core', PNG);
  const { status, headers, text } = await inject('/builder/queue/wall.rts.png?t=1700000000.5');
  t.equal(status, 200);
  t.match(headers, {
    'content-type': 'image/png',
    'content-length': PNG.length,
    'accept-ranges': 'bytes',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /sandbox/,
  });
  t.ok(text.includes('PNG'));
  t.match(await inject('/builder/map/wall.jpg'), {
    headers: { 'content-type': 'image/jpeg' },
    text: 'a photograph',
  });
  t.match(
    await inject('/builder/processed/system_core'),
    { headers: { 'content-type': 'image/png' } },
    'by its first bytes',
  );
  const again = { url: '/builder/queue/wall.rts.png', headers: { 'if-none-match': String(headers['etag']) } };
  t.match(await inject(again), { status: 304, text: '' });
  await write('queue/wall.rts.png', Buffer.concat([PNG, PNG]));
  t.equal((await inject(again)).status, 200, 'a new picture');
});

t.test('HEAD says the same, without the picture', async (t) => {
  const { inject, write } = await world(t);
  await write('queue/small.png', PNG);
  await write('queue/large.png', Buffer.alloc(400_000));
  for (const [name, size] of [
    ['small', PNG.length],
    ['large', 400_000],
  ] as const) {
    const reply = await inject({ method: 'HEAD', url: `/builder/queue/${name}.png` });
    t.match(reply, { status: 200, text: '', headers: { 'content-type': 'image/png', etag: /^"/ } });
    t.equal(Number(reply.headers['content-length']), size, name);
  }
  t.match(await inject({ method: 'HEAD', url: '/builder/queue/missing.png' }), { status: 200, text: '' });
});

t.test('parts of a picture, small and large', async (t) => {
  const { inject, write, app } = await world(t);
  const url = await app.listen();
  for (const size of [10, 300_000]) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
    await write('queue/wall.png', bytes);
    const part = async (range: string, headers = {}) => {
      const reply = await fetch(`${url}/builder/queue/wall.png`, { headers: { range, ...headers } });
      return {
        status: reply.status,
        range: reply.headers.get('content-range'),
        body: Buffer.from(await reply.arrayBuffer()),
      };
    };
    t.strictSame(await part('bytes=2-5'), {
      status: 206,
      range: `bytes 2-5/${size}`,
      body: bytes.subarray(2, 6),
    });
    t.strictSame(await part('bytes=-3'), {
      status: 206,
      range: `bytes ${size - 3}-${size - 1}/${size}`,
      body: bytes.subarray(-3),
    });
    t.strictSame(await part('bytes=1-'), {
      status: 206,
      range: `bytes 1-${size - 1}/${size}`,
      body: bytes.subarray(1),
    });
    t.strictSame(
      await part('bytes=0-1,3-4'),
      { status: 200, range: null, body: bytes },
      'several: all of it',
    );
    t.strictSame(await part('bytes=2-5', { 'if-range': '"another"' }), {
      status: 200,
      range: null,
      body: bytes,
    });
    t.match(await part(`bytes=${size}-`), { status: 416, range: `bytes */${size}` });
    const { headers } = await inject('/builder/queue/wall.png');
    t.match(await part('bytes=0-0', { 'if-range': String(headers['etag']) }), { status: 206 });
  }
  t.match(await inject({ url: '/builder/queue/wall.png', headers: { range: 'bytes=999999-' } }), {
    status: 416,
    json: { type: '/problems/unsatisfiable-range', detail: /300000 bytes/ },
  });
});

t.test('a picture that is missing is drawn from its name', async (t) => {
  const { inject, app, write } = await world(t);
  const url = await app.listen();
  const picture = async (name: string) =>
    Buffer.from(await (await fetch(`${url}/builder/queue/${name}`)).arrayBuffer());
  t.match(readPng(await picture('system_core')), { width: 100, height: 100 });
  t.not((await picture('data_block')).toString('base64'), (await picture('neural_link')).toString('base64'));
  t.same(await picture('a%20%C3%A9.png'), await picture('a%20%C3%A9.png'));
  const { headers } = await inject('/builder/map/data_block');
  t.match(headers, { 'content-type': 'image/png', 'cache-control': 'no-cache' });
  const again = { url: '/builder/map/data_block', headers: { 'if-none-match': String(headers['etag']) } };
  t.match(await inject(again), { status: 304 });
  await write('map/data_block', PNG);
  t.match(
    await inject(again),
    { status: 200, headers: { 'content-length': PNG.length } },
    'until there is one',
  );
});

t.test('one that was processed is found where InfiniteMap looks first', async (t) => {
  // What went wrong without: a drawn picture is no failure, so that it never looked into the second folder.
  const { inject, write } = await world(t);
  await write('processed/wall.png', 'processed');
  t.match(await inject('/builder/queue/wall.png'), { text: 'processed' });
  await write('queue/wall.png', 'queued');
  t.match(await inject('/builder/queue/wall.png'), { text: 'queued' });
  t.match(await inject('/builder/processed/wall.png'), { text: 'processed' });
});

t.test('bricks.missing: 404', async (t) => {
  const { inject, write } = await world(t, { missing: '404' });
  t.match(await inject('/builder/queue/wall.png'), {
    status: 404,
    json: { type: '/problems/not-found', detail: /wall\.png/ },
  });
  await write('queue/empty.png', '');
  t.match(await inject('/builder/queue/empty.png'), { status: 404 }, 'an empty file is no picture yet');
  await write('queue/notes.txt', 'secret');
  t.match(await inject('/builder/queue/notes.txt'), { status: 404 }, 'nor is a text');
});

t.test('nothing but pictures of the folder, whatever the name', async (t) => {
  const { inject, write, app, outside, from } = await world(t);
  await write('queue/.env', 'secret');
  await writeFile(join(outside, 'secret.png'), 'secret');
  await symlink(join(outside, 'secret.png'), join(from, 'queue/link.png'));
  const url = await app.listen();
  for (const name of [
    '.env',
    '..',
    '%2e%2e',
    '..%2fqueue',
    '%2e%2e%2f%2e%2e%2fsecret.png',
    'a%00b',
    'a%0Ab',
    '..%5csecret.png',
    'x'.repeat(256),
    'x'.repeat(4096),
  ]) {
    // As it is: fetch would resolve the dots.
    const reply = await rawRequest(
      url,
      `GET /builder/queue/${name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    t.match(reply, /^HTTP\/1\.1 (?:400|404) /, name.slice(0, 40));
    t.notMatch(reply, /secret/, name.slice(0, 40));
  }
  t.match(await inject('/builder/queue/..%2fqueue%2fwall.png'), {
    status: 400,
    json: { errors: [{ in: 'path', field: 'brick' }] },
  });
  const link = await inject('/builder/queue/link.png');
  t.match(link.headers, { 'content-type': 'image/png' });
  t.notMatch(link.text, /secret/, 'drawn: a link out leads nowhere');
  for (const folder of ['/builder/queue', '/builder', '/builder/other/wall.png'])
    t.match(await inject(folder), { status: 404 }, folder);
  t.match(await inject('/builder/queue/'), { status: 400 }, 'nothing is listed');
  t.match(await inject('/builder/queue/other.json'), { status: 404 }, 'who looks for a file gets no picture');
});

t.test('metadata is the file, as JSON', async (t) => {
  const { inject, write } = await world(t);
  const url = '/builder/metadata/silicon_district.json';
  t.match(await inject(url), { status: 404 });
  await write('metadata/silicon_district.json', '{ "security": { "risk_score": 0.5 } }');
  const { json, headers } = await inject(`${url}?t=1`);
  t.strictSame(json, { security: { risk_score: 0.5 } });
  t.match(await inject({ url, headers: { 'if-none-match': String(headers['etag']) } }), { status: 304 });
  await write('metadata/silicon_district.json', '{ "security": {');
  t.match(await inject(url), { status: 404, json: { detail: /no JSON at the moment/ } }, 'half of it');
  await write('metadata/silicon_district.json', `"${'x'.repeat(2 ** 20)}"`);
  t.match(await inject(url), { status: 404, json: { detail: /more than 1048576 bytes/ } });
  for (const name of ['..%2fx.json', '.json', 'notes.txt', '.hidden.json', `${'x'.repeat(300)}.json`])
    t.match(
      await inject(`/builder/metadata/${name}`),
      { status: 400, json: { errors: [{ in: 'path', field: 'file' }] } },
      name,
    );
});

t.test('an address is where pictures are', async (t) => {
  const { inject } = await build(t, {
    settings: { bricks: { from: 'https://bricks.example/{brick}.png?size=100' } },
  });
  t.match(await inject('/builder/queue/a%20b&c?t=1'), {
    status: 302,
    headers: { location: 'https://bricks.example/a%20b%26c.png?size=100' },
  });
  t.match(await inject('/builder/metadata/silicon_district.json'), { status: 404 });
});

t.test('without a folder every picture is drawn', async (t) => {
  const { inject } = await build(t);
  t.match(await inject('/builder/queue/wall.png'), { status: 200, headers: { 'content-type': 'image/png' } });
});

t.test('who hangs up while a large picture is sent leaves no place taken', async (t) => {
  const { write, app } = await world(t);
  await write('queue/large.png', Buffer.alloc(8_000_000));
  const url = await app.listen();
  for (let i = 0; i < 3; i++) {
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const abort = new AbortController();
        const { body } = await fetch(`${url}/builder/queue/large.png`, { signal: abort.signal });
        await body!.getReader().read();
        abort.abort();
      }),
    );
  }
  const whole = await fetch(`${url}/builder/queue/large.png`);
  t.equal((await whole.arrayBuffer()).byteLength, 8_000_000);
});
