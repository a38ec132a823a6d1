import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from '../failures/both-stores.ts';
import { eventually } from '../failures/eventually.ts';
import { build, type Built } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { FakeTerminal } from './fake-terminal.ts';

const none = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

async function run(argv: string[], terminal = new FakeTerminal({ readFile: none })) {
  const code = await commandLine(argv, terminal);
  return { code, out: terminal.out, err: terminal.err };
}

/** A daemon in this process, on a folder or a Redis. */
const daemonOn = (t: Test, place: string) =>
  build(t, { settings: { store: place.includes('://') ? place : `file:${place}` } });

async function publish({ inject }: Built, id: string, tiles: Record<string, string>, ttl = 3600) {
  const registered = await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id, ttl } });
  const payload = Object.fromEntries(Object.entries(tiles).map(([key, brick]) => [key, { brick }]));
  const { json } = await inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload });
  return { generation: registered.json.lease.generation as string, cursor: json.cursor as string };
}

const row = (name: string) => (i: number) => [`${i},0`, `${name}-${i}`] as const;
const manifestOf = async ({ inject }: Built) => (await inject('/manifest')).json;

/** A backup of a small map, and what the map was. */
async function saved(t: Test, folder: string, store = `file:${join(folder, 'a')}`) {
  const file = join(folder, 'map.gz');
  const built = await daemonOn(t, store.replace('file:', ''));
  const tiles = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => row('a "ü😀')(i)));
  await publish(built, 'wall', tiles);
  await built.inject({
    method: 'POST',
    url: '/regions',
    payload: { compositor: 'wall', rect: '0,0,9,9', purpose: 'a test' },
  });
  const made = await run(['backup', file, `--store=${store}`]);
  t.match(made, {
    code: 0,
    out: /^\S+: 2500 tiles of 1 compositor, 1 region, \d+ commits at \d+-\S+, digest 2500-/,
  });
  return { file, built, manifest: await manifestOf(built), err: made.err };
}

t.test('a map goes from a store in use to a file, and from there into another store', async (t) => {
  const folder = await temporaryFolder(t);
  const { file, manifest, err } = await saved(t, folder);
  t.match(err, /^100 % \d+\/\d+ entries saved, /m);
  t.match(err, /^100 % \d+\/\d+ entries checked, /m);
  t.equal(((await stat(file)).mode & 0o777).toString(8), '600', 'as private as the store');
  t.notOk(existsSync(`${file}.part`));

  const text = (await run(['inspect', file])).out;
  for (const line of [
    /^archive +\S/m,
    /^format +1$/m,
    /^taken +20\S+ from embedded, by compositord 1\.2\.3$/m,
  ])
    t.match(text, line);
  t.match(text, new RegExp(`^head +${String(manifest.cursor)}$`, 'm'));
  t.match(text, /^digest +2500-[0-9a-f]{8}, checked$/m);
  t.match(text, /^leases +2$/m);
  t.match(text, /^commits +\d+, from 1-\S+ of 20\S+ to /m);

  const target = `file:${join(folder, 'b')}`;
  const restored = await run(['restore', file, `--store=${target}`]);
  t.match(restored, { code: 0, err: /^100 % \d+\/\d+ entries restored, /m });
  t.notOk(existsSync(join(folder, 'b', 'restore')), 'nothing is left beside the store');
  const store = (await run(['inspect', target])).out;
  t.match(store, /^store +embedded, /m);
  t.match(store, /^leases +2$/m);
  t.equal(/^digest.*/m.exec(store)?.[0], /^digest.*/m.exec(text)?.[0]);

  const other = await daemonOn(t, join(folder, 'b'));
  const after = await manifestOf(other);
  for (const part of ['compositors', 'regions', 'tiles'])
    t.same(after[part], manifest[part], `the same ${part}`);
  const changes = await other.inject(`/manifest/changes?since=${String(manifest.cursor)}`);
  t.match(
    changes,
    { status: 200, json: { cursor: after.cursor, tiles: {} } },
    'a reader goes on from its cursor',
  );
  const { items } = (await other.inject('/manifest/history?limit=2')).json;
  t.match(items, [{ origin: 'restore', by: 'daemon', tiles: 0 }, { by: 'wall' }]);
  const past = await other.inject(`/manifest?at=${String(items[1].cursor)}`);
  t.same(past.json.tiles, manifest.tiles, 'and so does the past');
});

t.test('an empty store has a backup, too', async (t) => {
  const folder = await temporaryFolder(t);
  await daemonOn(t, join(folder, 'a'));
  const file = join(folder, 'empty.gz');
  t.match(await run(['backup', file, `--store=file:${join(folder, 'a')}`]), {
    code: 0,
    out: /: 0 tiles of /,
  });
  t.match(await run(['restore', file, `--store=file:${join(folder, 'b')}`]), { code: 0 });
  t.match(await run(['inspect', `file:${join(folder, 'b')}`]), { code: 0, out: /^head +1-/m });
});

t.test('a store that is not empty is left alone, and replaced with --force', async (t) => {
  const folder = await temporaryFolder(t);
  const { file, manifest, built } = await saved(t, folder);
  const store = `--store=file:${join(folder, 'b')}`;
  const other = await daemonOn(t, join(folder, 'b'));
  await publish(other, 'desk', { '5,5': 'desk' });
  const before = await manifestOf(other);
  t.match(await run(['restore', file, store]), {
    code: 1,
    out: '',
    err: /^compositord restore: the store file:\S+ is not empty; --force replaces what it holds\n$/,
  });
  t.same((await manifestOf(other)).tiles, before.tiles);
  t.match(await run(['restore', file, store, '--force']), { code: 0 });
  await eventually(async () => (await manifestOf(other)).compositors.wall !== undefined, 'the daemon has it');
  t.same((await manifestOf(other)).tiles, manifest.tiles);
  t.match(await other.inject('/compositors/desk'), { status: 404 });
  t.ok(built.app);
});

onBothStores(
  'a daemon that runs meanwhile goes back with its store: it puts nothing back, and its readers know',
  {},
  async (t, on) => {
    const folder = await temporaryFolder(t);
    const store = on.store ?? `file:${join(folder, 'a')}`;
    const { file, built, manifest } = await saved(t, folder, store);
    const url = await built.app.listen();
    const later = await publish(built, 'wall', { '0,0': 'later', '7777,7': 'later' });
    const readers = Array.from({ length: 2 }, () => new ConformanceClient({ url, maxRetry: 50 }));
    const [reader, old] = readers as [ConformanceClient, ConformanceClient];
    for (const each of readers) {
      t.teardown(() => each.disconnect());
      each.connect();
      await each.untilCursor(later.cursor);
    }
    await old.disconnect();
    t.match(await run(['restore', file, `--store=${store}`, '--force']), { code: 0 });
    const exact = ({ copy }: ConformanceClient) => copy.exact && copy.tiles.get('0,0')?.brick === 'a "ü😀-0';
    await reader.until(exact, 30_000, 'the map of the backup');
    t.equal(reader.counts.snapshots, 2, 'by a snapshot');
    t.same((await manifestOf(built)).tiles, manifest.tiles);
    old.connect();
    await old.until(exact, 30_000, 'the same after a pause');
    // Whoever was away before what is gone goes on as if nothing had happened.
    const changes = await built.inject(`/manifest/changes?since=${String(manifest.cursor)}`);
    t.match(changes, { status: 200, json: { tiles: {} } });
    t.match(await built.inject(`/manifest/changes?since=${later.cursor}`), { status: 410 });
    const next = await publish(built, 'wall', { '1,1': 'on it goes' });
    await reader.untilCursor(next.cursor);
    t.ok(reader.copy.exact);
  },
);

t.test('a file that is cut, changed, or something else is refused, and nothing is half done', async (t) => {
  const folder = await temporaryFolder(t);
  const { file, manifest } = await saved(t, folder);
  const bytes = await readFile(file);
  const text = gunzipSync(bytes).toString();
  const lines = text.trimEnd().split('\n');
  const wrong = bytes.subarray();
  const flipped = Buffer.from(wrong);
  flipped[Math.floor(flipped.length / 2)]! ^= 0x40;
  const packed = (...some: string[]) => gzipSync(some.map((line) => `${line}\n`).join(''));
  const cases: Record<string, [content: Buffer, message: RegExp]> = {
    empty: [Buffer.alloc(0), /is empty|is cut off/],
    'no gzip': [Buffer.from(text), /is no archive of compositord/],
    'another gzip': [gzipSync('hello\n'), /is no archive of compositord/],
    cut: [bytes.subarray(0, bytes.length - 9), /is cut off/],
    'cut early': [bytes.subarray(0, 2000), /is cut off/],
    'cut between two lines': [packed(...lines.slice(0, -1)), /is cut off/],
    'cut inside a line': [gzipSync(text.slice(0, -20)), /is cut off|is damaged/],
    flipped: [flipped, /is damaged|is cut off|is no archive/],
    'changed and packed again': [
      packed(...lines.with(-2, lines.at(-2)!.replace('"by"', '"bz"'))),
      /is damaged/,
    ],
    'one line twice': [packed(...lines.toSpliced(4, 0, lines[4]!)), /holds more than its|is damaged/],
    'a newer format': [
      gzipSync(text.replace('"format":1', '"format":9')),
      /has format 9, and this compositord/,
    ],
    'goes on': [packed(...lines, '{}'), /goes on after its end/],
    'a line without an end': [
      gzipSync(Buffer.alloc(80 * 2 ** 20, 'x')),
      /has a line that is longer than any/,
    ],
  };
  const target = join(folder, 'b');
  for (const [name, [content, message]] of Object.entries(cases)) {
    const path = join(folder, 'wrong.gz');
    await writeFile(path, content);
    const inspected = await run(['inspect', path]);
    t.match(inspected, { code: 1, out: '', err: message }, name);
    t.equal(inspected.err.split('\n').filter((line) => !/entries checked/.test(line)).length, 2, 'one line');
    t.match(await run(['restore', path, `--store=file:${target}`]), { code: 1, err: message }, name);
    t.match(await run(['inspect', `file:${target}`]), { code: 0, out: /^head +0-00000000$/m }, name);
  }
  t.notOk((await readdir(target)).includes('restore'));
  // What a restore has left behind that no longer can be read is no reason to refuse the next.
  await mkdir(join(target, 'restore'));
  await writeFile(join(target, 'restore', 'data.mdb'), 'x'.repeat(100_000));
  t.match(await run(['restore', file, `--store=file:${target}`]), { code: 0 }, 'and the right one is taken');
  t.same((await manifestOf(await daemonOn(t, target))).tiles, manifest.tiles);
});

t.test('what cannot be read or written is one line, and what was there stays', async (t) => {
  const folder = await temporaryFolder(t);
  const { file } = await saved(t, folder);
  const before = await readFile(file);
  const a = `--store=file:${join(folder, 'a')}`;
  await mkdir(join(folder, 'folder'));
  await writeFile(join(folder, 'a', 'note'), '');
  const cases: [argv: string[], code: number, err: RegExp][] = [
    [
      ['backup', file, `--store=file:${join(folder, 'none')}`],
      1,
      /^compositord backup: There is no store in /,
    ],
    [
      ['backup', join(folder, 'none', 'x.gz'), a],
      1,
      /^compositord backup: cannot write \S+: there is no such/m,
    ],
    [['backup', join(folder, 'folder'), a], 1, /^compositord backup: cannot write \S+: it is a folder/m],
    [['backup', file, a, '--url=http://127.0.0.1:1'], 2, /^--url, --store: give one of them/],
    [
      ['backup', file, '--url=http://127.0.0.1:1'],
      1,
      /^compositord backup: GET http:\S+: (ECONNREFUSED|bad port)/,
    ],
    [
      ['backup', file, '--store=redis://127.0.0.1:1'],
      1,
      /^compositord backup: the Redis at redis:\S+ cannot be used/,
    ],
    [['backup', file, '--store=nonsense'], 2, /^--store: /],
    [['backup'], 2, /an argument is missing/],
    [
      ['restore', join(folder, 'none'), a, '--force'],
      1,
      /^compositord restore: cannot read \S+: there is no such file/,
    ],
    [
      ['restore', join(folder, 'folder'), a, '--force'],
      1,
      /^compositord restore: cannot read \S+: it is a folder/,
    ],
    [['inspect', join(folder, 'none')], 1, /^compositord inspect: cannot read \S+: there is no such file/],
    [['inspect', `file:${join(folder, 'none')}`], 1, /^compositord inspect: There is no store in /],
    [['inspect', file, file], 2, /is one argument too many/],
    [['inspect', `file:${join(folder, 'a')}`, a], 2, /^--store: is given twice/],
  ];
  for (const [argv, code, err] of cases) t.match(await run(argv), { code, out: '', err }, argv.join(' '));
  t.same(await readFile(file), before);
  t.same((await readdir(folder)).sort(), ['a', 'folder', 'map.gz']);
  t.match(await run(['inspect', `file:${join(folder, 'a')}`]), { code: 0 });
});

t.test('Ctrl-C leaves the store as it was, and the next restore goes on', async (t) => {
  const folder = await temporaryFolder(t);
  const built = await daemonOn(t, join(folder, 'a'));
  for (let y = 0; y < 4; y++)
    await publish(
      built,
      'wall',
      Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`${i},${y}`, 'x'])),
    );
  const file = join(folder, 'map.gz');
  t.match(await run(['backup', file, `--store=file:${join(folder, 'a')}`]), { code: 0 });
  const target = `--store=file:${join(folder, 'b')}`;
  const terminal = new FakeTerminal({ readFile: none });
  const running = run(['restore', file, target], terminal);
  await terminal.until('entries restored');
  await terminal.interrupt();
  t.match(await running, { code: 130, out: '', err: /interrupted; the store file:\S+ is as it was/ });
  t.match(await run(['inspect', `file:${join(folder, 'b')}`]), { out: /^head +0-00000000$/m });
  const again = await run(['restore', file, target]);
  t.match(again, { code: 0, err: /^An earlier restore was cut after \d+ lines, and was taken up there\.$/m });
  t.same((await manifestOf(await daemonOn(t, join(folder, 'b')))).tiles, (await manifestOf(built)).tiles);
});
