// What others install: its types, what a bundle takes of it, and how much that is.
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import t from 'tap';
import { temporaryFolder } from '../support/daemon.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Bytes as gzip sends them, five in a hundred more than there were when they were last looked at. */
const LIMITS: Readonly<Record<string, number>> = {
  "export { connect } from 'compositord-client'": 10_050,
  "export { attachInfiniteMap } from 'compositord-client'": 10_450,
  "export { publish } from 'compositord-client/publish'": 5_970,
  "export { useManifest } from 'compositord-client/react'": 10_670,
  "export * from 'compositord-client'; export { publish } from 'compositord-client/publish'": 13_620,
};

/** Makes it a project that has the package installed, and the compiler's types of Node. */
async function prepare(folder: string): Promise<void> {
  const installed = join(folder, 'node_modules/compositord-client');
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
  execFileSync(process.execPath, [join(ROOT, 'scripts/build-client.mjs'), join(installed, 'dist')]);
  await cp(join(ROOT, 'packages/client/package.json'), join(installed, 'package.json'));
  for (const name of ['@types/node', 'undici-types'])
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
}

const folder = await temporaryFolder(t);
await prepare(folder);

t.test(
  'a project with strict types compiles with it, however it finds modules',
  { timeout: 200_000 },
  async (t) => {
    await cp(join(ROOT, 'examples/typescript'), folder, {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    const program = `
    import { attachInfiniteMap, connect, Refused, type Batch, type Problem, type Tile } from 'compositord-client';
    import { publish, type PublishProblem, type TileChanges } from 'compositord-client/publish';
    import { useManifest, type Manifest } from 'compositord-client/react';
    const map = connect({ url: '/', view: '0,0,1,1', token: async () => 'a' });
    const tile: Tile | undefined = (await map.ready).tiles.get('0,0');
    map.on('change', ({ tiles }: Batch) => tiles.length.toFixed());
    map.on('problem', ({ kind, status, code, errors }: Problem) => [kind, status?.toFixed(), code, errors?.[0]?.field]);
    // @ts-expect-error no such event
    map.on('nothing', () => undefined);
    // @ts-expect-error a brick is no number
    const wrong: number = tile!.brick;
    // @ts-expect-error no such option
    connect({ url: '/', veiw: '0,0,1,1' });
    attachInfiniteMap({ loadTile: async (x: number, y: number, brick: string) => void [x, y, brick] }, { url: '/' });
    const wall = publish({ url: '/', id: 'wall', token: null });
    wall.on('problem', ({ final }: PublishProblem) => final);
    const changes: TileChanges = { '0,0': { brick: 'a' }, '0,1': null };
    await wall.tiles(changes).catch((error) => (error instanceof Refused ? error.code : ''));
    const manifest: Manifest = useManifest({ url: '/' });
    export const seen = [manifest.tiles.size, wrong];`;
    await writeFile(join(folder, 'src/program.ts'), program);
    const compile = (...flags: string[]) =>
      spawnSync(process.execPath, [TSC, '--noEmit', ...flags], { cwd: folder, encoding: 'utf8' }).stdout;
    t.equal(compile(), '', 'nodenext, with the types of Node');
    t.equal(compile('--module', 'node16'), '', 'node16');
    const browser = [
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--lib',
      'es2023,dom,dom.iterable',
    ];
    t.equal(compile(...browser), '', 'bundler, with the types of a browser and of Node');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { strict: true, types: [] }, files: ['src/program.ts'] }),
    );
    t.equal(compile('--target', 'es2022', ...browser), '', 'bundler, with the types of a browser alone');
  },
);

t.test('a bundle has what it imports and no more', { timeout: 180_000 }, async (t) => {
  const take = async (contents: string) => {
    const { outputFiles } = await bundle({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      external: ['react'],
      write: false,
      logLevel: 'error',
    });
    return outputFiles[0]!.text;
  };
  t.equal((await take("import 'compositord-client'; import 'compositord-client/react'")).trim(), '');
  t.notMatch(await take("export { connect } from 'compositord-client'"), 'checkUpdates');
  t.notMatch(await take("export { publish } from 'compositord-client/publish'"), 'last-event-id');
  for (const [contents, limit] of Object.entries(LIMITS)) {
    const size = gzipSync(await take(contents), { level: 9 }).length;
    t.ok(size <= limit, `${contents}: ${size} of ${limit} bytes`);
    t.ok(size > limit * 0.8, `${contents} has become smaller: lower its limit (${size} bytes)`);
  }
});

t.test(
  'Node loads each of its modules, as a package that is an ES module',
  { timeout: 180_000 },
  async (t) => {
    const program = `
    import * as client from 'compositord-client';
    import * as publisher from 'compositord-client/publish';
    console.log(JSON.stringify([Object.keys(client), Object.keys(publisher), client.Refused === publisher.Refused]));`;
    const args = ['--input-type=module', '--eval', program];
    t.strictSame(JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })), [
      ['Refused', 'attachInfiniteMap', 'connect'],
      ['Refused', 'publish'],
      true,
    ]);
  },
);
