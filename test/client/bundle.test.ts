import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = readFileSync(join(root, 'dist/web/client.js'));

t.test('what a page loads is small, and does what a strict page forbids others', (t) => {
  const size = gzipSync(bundle, { level: 9 }).length;
  t.ok(size < 7 * 1024, `${size} bytes`);
  t.notMatch(bundle.toString(), /\beval\b|new Function|innerHTML|document\.write|\bimport\b/);
  t.end();
});

t.test('the daemon serves it', async (t) => {
  const { inject } = await build(t);
  const reply = await inject({ url: '/client.js?v=1', headers: { origin: 'https://page.example' } });
  t.equal(reply.status, 200);
  t.equal(reply.text, bundle.toString());
  t.match(reply.headers, {
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
    'cache-control': 'no-cache',
  });
  const again = await inject({
    url: '/client.js',
    headers: { 'if-none-match': String(reply.headers['etag']) },
  });
  t.equal(again.status, 304);
});

t.test('a program in TypeScript gets its types with the package', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'program.mts');
  await writeFile(
    file,
    `import { connect, attachInfiniteMap, type Tile } from ${JSON.stringify(join(root, 'dist/client/client.js'))};
     const map = connect({ url: '/', view: '0,0,1,1' });
     const tile: Tile | undefined = map.tiles.get('0,0');
     map.on('tile', (key, { brick }, before) => console.log(key.length, brick.length, before?.timestamp.toFixed()));
     // @ts-expect-error no such event
     map.on('nothing', () => undefined);
     // @ts-expect-error a brick is no number
     const wrong: number = tile!.brick;
     attachInfiniteMap({ loadTile: async (x: number, y: number, brick: string) => void [x, y, brick] }, { url: '/' });`,
  );
  const flags = '--ignoreConfig --noEmit --strict --module nodenext --target es2022 --lib es2022,dom';
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), ...flags.split(' '), file],
    { cwd: folder, encoding: 'utf8' },
  );
  t.equal(stdout, '');
});
