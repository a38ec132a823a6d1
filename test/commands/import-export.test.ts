import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { build } from '../support/build.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { RecordingDaemon } from './recording-daemon.ts';

/** A terminal whose output is a stream, as that of a process. */
class StreamTerminal extends FakeTerminal {
  readonly output = new PassThrough();
  override readonly dialogue = () => ({ input: new PassThrough(), output: this.output, interactive: false });
}

type Json = Record<string, { brick: string; timestamp: number }>;

async function world(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'compositord-import-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const built = await build(t);
  const url = await built.app.listen();
  const run = async (...argv: string[]) => {
    const terminal = new StreamTerminal();
    const code = await commandLine([...argv, '--url', url], terminal);
    terminal.output.end();
    let streamed = '';
    for await (const piece of terminal.output) streamed += String(piece);
    return { code, out: terminal.out, err: terminal.err, streamed };
  };
  const file = (content: object | string, name = 'manifest.json') => {
    const path = join(folder, name);
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
    return path;
  };
  const tiles = async () => (await built.inject('/manifest/tiles')).json as Json;
  return { ...built, url, run, file, folder, tiles };
}

const tile = (brick: string, timestamp: number) => ({ brick: `${brick}.png`, timestamp });

t.test('what was exported is imported as it was, and again changes nothing', async (t) => {
  const { run, file, folder, tiles, inject } = await world(t);
  const map = {
    '0,0': tile('a', 1700000000.5),
    '-3,4': tile('ü "', 5),
    '2147483647,-2147483648': tile('b', 0),
  };
  const path = file(map);
  t.match(await run('import', path), {
    code: 0,
    out: '3 tiles read, 3 set as import, 0 not newer than the map\n',
    err: /import was registered for 24 hours/,
  });
  t.same(await tiles(), map);
  t.match((await inject('/compositors/import')).json, { ttl: 86_400 });
  t.match(await run('import', path), {
    code: 0,
    out: '3 tiles read, 0 set as import, 3 not newer than the map\n',
  });
  const { streamed } = await run('export');
  t.same(JSON.parse(streamed), map);
  const out = join(folder, 'out.json');
  t.match(await run('export', '--out', out), { code: 0, streamed: '' });
  t.same(JSON.parse(readFileSync(out, 'utf8')), map);
  t.same(readdirSync(folder).sort(), ['manifest.json', 'out.json']);
  const everything = JSON.parse((await run('export', '--everything')).streamed) as Record<string, Json>;
  t.match(everything, {
    compositors: { import: { id: 'import' } },
    tiles: { '0,0': { compositor: 'import' } },
  });
});

t.test(
  'the newest timestamp wins, milliseconds count as seconds, and --dry-run changes nothing',
  async (t) => {
    const { run, file, tiles, inject } = await world(t);
    await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
    await inject({
      method: 'PATCH',
      url: '/compositors/wall/tiles',
      payload: { '0,0': tile('newer', 2000), '1,0': tile('older', 1000), '2,0': tile('same', 1500) },
    });
    const path = file(
      {
        '0,0': tile('file', 1500),
        '1,0': tile('file', 1500),
        '2,0': tile('same', 1500),
        '3,0': tile('file', 1700000000500),
      },
      'manifest.json.gz',
    );
    const before = await tiles();
    t.match(await run('import', path, '--as', 'wall', '--dry-run'), {
      code: 0,
      out: '4 tiles read, 2 would be set as wall, 2 not newer than the map\n',
    });
    t.same(await tiles(), before);
    t.match(await run('import', path, '--as', 'wall'), { code: 0, err: /^(?!.*registered)/ });
    t.same(await tiles(), {
      ...before,
      '1,0': tile('file', 1500),
      '3,0': tile('file', 1700000000.5),
    });
  },
);

t.test('any size: in requests of at most 10,000 tiles, with progress', { timeout: 60_000 }, async (t) => {
  const { run, file, app } = await world(t);
  const map: Json = {};
  for (let i = 0; i < 25_000; i++) map[`${i % 200},${Math.floor(i / 200)}`] = tile(`brick ${i}`, 1000 + i);
  const { code, out, err } = await run('import', file(map));
  t.equal(code, 0);
  t.equal(out, '25000 tiles read, 25000 set as import, 0 not newer than the map\n');
  t.match(err, /100 % 25000\/25000 tiles/);
  t.equal(app.replica.copy.manifest.tileCount, 25_000);
});

t.test('a file that is broken anywhere changes nothing, and is named', async (t) => {
  const { run, file, app } = await world(t);
  const good = JSON.stringify({ '0,0': tile('a', 1) });
  for (const [content, expected] of [
    [good.slice(0, -1), /manifest\.json ends before its JSON does\n$/],
    ['[]', /manifest\.json is no JSON object\n$/],
    [
      { '0,0': tile('a', 1), x: tile('a', 1) },
      /manifest\.json: 1 entries are no tiles, such as "x" is no cell/,
    ],
    [
      { '0,0': tile('a', 1), '1,0': { brick: 'a' } },
      /such as "1,0" has a timestamp that is no number of seconds\n$/,
    ],
  ] as const) {
    const { code, err } = await run('import', file(content));
    t.equal(code, 1);
    t.match(err, expected);
  }
  t.match(await run('import', '/no/such/file'), {
    code: 1,
    err: /cannot read \/no\/such\/file: there is no such file\n$/,
  });
  t.equal(app.replica.copy.head, '0-00000000');
});

t.test('a whole manifest and a compressed file that is cut say what they are', async (t) => {
  const { run, file, folder } = await world(t);
  const map: Json = {};
  for (let i = 0; i < 2000; i++) map[`${i},0`] = tile(`brick ${i}`, 1000 + i);
  for (const tiles of [{ '0,0': tile('a', 1) }, map]) {
    t.match(await run('import', file(tiles)), { code: 0 });
    const everything = join(folder, 'everything.json');
    await run('export', '--everything', '--out', everything);
    t.match(await run('import', everything), {
      code: 1,
      err: /everything\.json.+ of a whole manifest, which is no tile file: export it without --everything/,
    });
  }
  const cut = join(folder, 'cut.json.gz');
  writeFileSync(cut, gzipSync(JSON.stringify(map)).subarray(0, -100));
  t.match(await run('import', cut), {
    code: 1,
    err: /cut\.json\.gz ends before its compressed data does\n$/,
  });
});

t.test('tiles that the daemon refuses are left out, and the others come in', async (t) => {
  const { run, file, tiles, inject } = await world(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  await inject({ method: 'POST', url: '/regions', payload: { compositor: 'wall', rect: '0,0,9,9' } });
  const map: Json = {};
  for (let i = 0; i < 100; i++) map[`${i % 10},${Math.floor(i / 10)}`] = tile('inside', 1000);
  map['50,50'] = tile('outside', 1000);
  map['51,50'] = tile('ahead', Date.now() / 1000 + 5000);
  t.match(await run('import', file(map)), {
    code: 0,
    out: '102 tiles read, 1 set as import, 0 not newer than the map, 101 refused\n',
  });
  t.same(Object.keys(await tiles()), ['50,50']);
});

t.test('tiles of a request whose reply was lost count as already there', async (t) => {
  const { file } = await world(t);
  const daemon = await RecordingDaemon.start(t, ({ method, path }) => {
    if (path === '/manifest/tiles') return { status: 200, body: {} };
    if (method !== 'PATCH') return undefined;
    const isFirst = daemon.requests.filter((each) => each.method === 'PATCH').length === 1;
    return isFirst ? 'cut' : { status: 200, body: { changed: 0 } };
  });
  const terminal = new StreamTerminal();
  const path = file({ '0,0': tile('a', 1), '1,0': tile('b', 1) });
  t.equal(await commandLine(['import', path, '--url', daemon.url], terminal), 0);
  t.equal(terminal.out, '2 tiles read, 0 set as import, 2 already there, 0 not newer than the map\n');
});

t.test('what cannot be exported says why, and leaves no file', async (t) => {
  const { folder } = await world(t);
  const daemon = await RecordingDaemon.start(t, ({ path }) =>
    path === '/manifest' ? { status: 503, body: { detail: 'not yet' } } : 'cut',
  );
  const out = join(folder, 'out.json');
  for (const [argv, expected] of [
    [['export', '--everything'], /was answered 503 not yet\n$/],
    [['export', '--out', out], /GET http:.*\/manifest\/tiles: /],
    [
      ['export', '--out', '/no/such/folder/out.json'],
      /cannot write \/no\/such\/folder\/out\.json: ENOENT\n$/,
    ],
  ] as const) {
    const terminal = new StreamTerminal();
    t.equal(await commandLine([...argv, '--url', daemon.url], terminal), 1);
    t.match(terminal.err, expected);
  }
  t.same(readdirSync(folder), []);
});

t.test('wrong arguments', async (t) => {
  for (const [argv, expected] of [
    [['import'], /an argument is missing/],
    [['import', 'a', '--as', 'The Wall'], /^--as: must be an id of a compositor, not "The Wall"/],
    [['import', 'a', '--dry'], /^--dry: unknown flag/],
    [['export', 'a'], /^a: is one argument too many/],
  ] as const) {
    const terminal = new FakeTerminal();
    t.equal(await commandLine([...argv], terminal), 2);
    t.match(terminal.err, expected);
  }
});
