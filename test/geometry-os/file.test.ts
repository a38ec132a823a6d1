// The file that all of Geometry OS shares, `systems/builder/map/manifest.json`, kept equal to the map by a daemon.
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { OLD, writeOldMap } from '../support/old-map.ts';
import { StaleWriter, type Tiles } from '../support/file-world.ts';
import { bricksOf, fileWorld, type TileJson } from './file-daemon.ts';

const now = () => Date.now() / 1000;
const tile = (brick: string, timestamp = now()) => ({ brick, timestamp });

/** As `manifest_writer.rs` does: not atomic, and pretty. */
function rewrite(path: string, tiles: Tiles | TileJson): void {
  const all = tiles instanceof Map ? Object.fromEntries(tiles) : tiles;
  writeFileSync(path, JSON.stringify(all, null, 2));
}

t.test('what the map has is in the file, and what is written into the file is in the map', async (t) => {
  const { path, publish, register, haveBoth, inMap, inject, untilState } = await fileWorld(t);
  await haveBoth({});
  await register('wall');
  await publish('wall', { '0,0': tile('wall.png'), '1,0': tile('door.png') });
  await haveBoth({ '0,0': 'wall.png', '1,0': 'door.png' });
  const copy = JSON.parse(readFileSync(path, 'utf8')) as TileJson;
  rewrite(path, { ...copy, '5,5': tile('own.png') });
  await haveBoth({ '0,0': 'wall.png', '1,0': 'door.png', '5,5': 'own.png' });
  t.match((await inject('/compositors/file')).json, { id: 'file', status: 'registered' });
  t.equal((await inject('/compositors/file/tiles')).json['5,5'].brick, 'own.png');
  await publish('wall', { '1,0': null });
  await haveBoth({ '0,0': 'wall.png', '5,5': 'own.png' });
  await untilState('kept');
  t.equal(Object.keys(await inMap()).length, 2);
});

t.test('a program with an old copy loses nobody’s tiles, and removes what it had', async (t) => {
  const { path, publish, register, haveBoth, inFile } = await fileWorld(t);
  await register('wall');
  await publish('wall', { '0,0': tile('wall.png') });
  await haveBoth({ '0,0': 'wall.png' });
  const rust = new StaleWriter(new Map(Object.entries(inFile()!)), 7, 'own');
  await publish('wall', { '1,0': tile('later.png'), '0,0': tile('newer.png') });
  await haveBoth({ '0,0': 'newer.png', '1,0': 'later.png' });
  rewrite(path, rust.set('5,5', tile('own.png')));
  await haveBoth({ '0,0': 'newer.png', '1,0': 'later.png', '5,5': 'own.png' });
  rewrite(path, rust.set('6,5', tile('moved.png')));
  await haveBoth({ '0,0': 'newer.png', '1,0': 'later.png', '5,5': 'own.png', '6,5': 'moved.png' });
  rewrite(path, rust.remove('5,5'));
  await haveBoth({ '0,0': 'newer.png', '1,0': 'later.png', '6,5': 'moved.png' });
});

t.test(
  'one commit brings what one rewrite changed, and a tile of another is taken over by a newer one',
  async (t) => {
    const { app, path, publish, register, haveBoth, inMap, inject } = await fileWorld(t);
    await register('wall');
    await publish('wall', { '0,0': tile('wall.png', 1000), '1,0': tile('wall.png', 1000) });
    await haveBoth({ '0,0': 'wall.png', '1,0': 'wall.png' });
    const before = parseInt(app.replica.copy.head);
    rewrite(path, {
      ...(await inMap()),
      '0,0': tile('file.png', 2000),
      '2,0': tile('file.png'),
      '3,0': tile('file.png'),
    });
    await haveBoth({ '0,0': 'file.png', '1,0': 'wall.png', '2,0': 'file.png', '3,0': 'file.png' });
    t.equal(parseInt(app.replica.copy.head), before + 1);
    t.match((await inject('/manifest')).json.tiles['0,0'], { compositor: 'file', timestamp: 2000 });
  },
);

t.test('what nobody could read does not come in, and what is there from before stays', async (t) => {
  const store = t.testdir();
  await writeOldMap(store);
  const path = join(mkdtempSync(join(tmpdir(), 'compositord-file-')), 'manifest.json');
  t.after(() => rmSync(dirname(path), { recursive: true }));
  const { haveBoth, inMap, health } = await fileWorld(t, {
    path,
    settings: { store: `file:${store}` },
  });
  await haveBoth(OLD.bricks);
  rewrite(path, {
    ...(await inMap()),
    '5,5': tile('own.png'),
    '6,5': tile('\u202Egnp.nwo'),
    '7,5': tile('\u200B'),
  });
  await haveBoth({ ...OLD.bricks, '5,5': 'own.png' });
  const told = /^2 tiles were refused, such as 6,5\/brick: must be 1 to 255 printable characters/;
  await eventually(async () => told.test((await health()).manifestFile.detail ?? ''), 'what was left out');
});

t.test('a broken file is left alone and said to be broken, until it is whole', async (t) => {
  const { path, publish, register, haveBoth, health, untilState, log, inMap } = await fileWorld(t);
  await register('wall');
  await publish('wall', { '0,0': tile('wall.png') });
  await haveBoth({ '0,0': 'wall.png' });
  writeFileSync(path, '{"0,0": {"brick": "wall.p');
  await untilState('broken');
  t.match(await health(), {
    status: 'warn',
    manifestFile: { detail: 'the file ends before its JSON does; it is left alone until it is whole' },
  });
  await publish('wall', { '1,0': tile('later.png') });
  t.equal(readFileSync(path, 'utf8'), '{"0,0": {"brick": "wall.p');
  rewrite(path, { '9,9': tile('mended.png') });
  await haveBoth({ '0,0': 'wall.png', '1,0': 'later.png', '9,9': 'mended.png' });
  await untilState('kept');
  t.match(await health(), { status: 'pass' });
  const lines = log.filter(({ msg }) => String(msg).startsWith('the manifest file is'));
  t.equal(lines.length, 2, 'each is logged once');
  t.equal(Object.keys(await inMap()).length, 3);
});

t.test('a folder, a link, 2 GB, a missing folder: left alone, and taken up again', async (t) => {
  const { path, publish, register, haveBoth, health, untilState } = await fileWorld(t);
  await register('wall');
  await publish('wall', { '0,0': tile('wall.png') });
  await haveBoth({ '0,0': 'wall.png' });
  const isWrong = async (state: string, detail: RegExp, mend: () => void) => {
    await eventually(async () => detail.test((await health()).manifestFile.detail ?? ''), String(detail));
    t.match(await health(), { status: 'warn', manifestFile: { state } });
    mend();
    await haveBoth({ '0,0': 'wall.png' });
    await untilState('kept');
  };
  rmSync(path);
  mkdirSync(path);
  await isWrong('broken', /is a folder/, () => rmSync(path, { recursive: true }));
  rmSync(path);
  writeFileSync(`${path}.other`, '{}');
  symlinkSync(`${path}.other`, path);
  await isWrong('broken', /is a symbolic link/, () => rmSync(path));
  t.equal(readFileSync(`${path}.other`, 'utf8'), '{}', 'what it leads to is not touched');
  truncateSync(path, 2 ** 31);
  await isWrong('broken', /has more than \d+ bytes/, () => rmSync(path));
  const folder = dirname(path);
  renameSync(folder, `${folder}.away`);
  await isWrong('unwritable', /its folder is missing/, () => renameSync(`${folder}.away`, folder));
});

t.test('what is no tile, or what the rules refuse, is left out and said', async (t) => {
  const { path, haveBoth, health } = await fileWorld(t);
  await haveBoth({});
  rewrite(path, { '0,0': tile('good.png'), x: tile('bad.png'), '1,0': tile('ahead.png', now() + 5000) });
  await haveBoth({ '0,0': 'good.png' });
  await eventually(async () => (await health()).manifestFile.detail !== undefined, 'it is said');
  t.match((await health()).manifestFile, {
    state: 'kept',
    detail:
      /^1 entries are no tiles, such as "x" is no cell.*; 1 tiles were refused, such as 1,0\/timestamp: is more than 300 s ahead/,
  });
});

t.test('beyond a quota nothing of the file is lost: it is left alone until there is room', async (t) => {
  const { path, haveBoth, publish, register, untilState, health } = await fileWorld(t, {
    settings: { quota: { tiles: 2 } },
  });
  await register('wall');
  await publish('wall', { '0,0': tile('wall.png') });
  await haveBoth({ '0,0': 'wall.png' });
  rewrite(path, { '0,0': tile('wall.png', 1), '1,0': tile('a.png'), '2,0': tile('b.png') });
  await untilState('refused');
  t.match((await health()).manifestFile.detail, /quota\.tiles is 2/);
  t.ok(readFileSync(path, 'utf8').includes('b.png'));
  await publish('wall', { '0,0': null });
  await haveBoth({ '1,0': 'a.png', '2,0': 'b.png' });
  await untilState('kept');
});

t.test('a restart: what was written meanwhile comes in, what was removed stays away', async (t) => {
  const store = `file:${t.testdir({ store: {}, map: {} })}/store`;
  const path = join(t.testdirName, 'map', 'manifest.json');
  const first = await fileWorld(t, { path, settings: { store } });
  await first.register('wall');
  await first.publish('wall', { '0,0': tile('wall.png'), '1,0': tile('gone.png') });
  await first.haveBoth({ '0,0': 'wall.png', '1,0': 'gone.png' });
  const rust = new StaleWriter(new Map(Object.entries(first.inFile()!)), 7, 'own');
  await first.publish('wall', { '1,0': null, '2,0': tile('later.png') });
  await first.haveBoth({ '0,0': 'wall.png', '2,0': 'later.png' });
  await first.app.close();
  rewrite(path, rust.set('5,5', tile('own.png')));
  const second = await fileWorld(t, { path, settings: { store } });
  await second.haveBoth({ '0,0': 'wall.png', '2,0': 'later.png', '5,5': 'own.png' });
});

t.test('of two daemons with stores of their own one keeps the file, and the other says so', async (t) => {
  const first = await fileWorld(t, { settings: { name: 'first' } });
  await first.haveBoth({});
  const second = await fileWorld(t, { path: first.path, settings: { name: 'second' } });
  await second.untilState('elsewhere');
  t.match((await second.health()).manifestFile, { detail: /^first, with another store, keeps the file/ });
  await first.register('wall');
  await first.publish('wall', { '0,0': tile('wall.png') });
  await first.haveBoth({ '0,0': 'wall.png' });
  await second.register('other');
  await second.publish('other', { '7,7': tile('other.png') });
  const { mtimeMs } = statSync(first.path);
  await second.untilState('elsewhere');
  t.equal(statSync(first.path).mtimeMs, mtimeMs, 'it is not written in turns');
  await first.app.close();
  await second.haveBoth({ '0,0': 'wall.png', '7,7': 'other.png' });
});

t.test(
  'a program that rewrites it without a pause costs a bounded part of the work',
  { timeout: 60_000 },
  async (t) => {
    const { app, path, haveBoth } = await fileWorld(t);
    await haveBoth({});
    const before = app.tileFile!.counts.reads;
    const began = performance.now();
    const tiles: TileJson = {};
    for (let i = 0; i < 200; i++) {
      tiles[`${i},0`] = tile(`brick ${i}.png`);
      rewrite(path, tiles);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await haveBoth(bricksOf(tiles)!);
    const reads = app.tileFile!.counts.reads - before;
    t.ok(reads <= (performance.now() - began) / 100 + 2, `${reads} reads`);
  },
);
