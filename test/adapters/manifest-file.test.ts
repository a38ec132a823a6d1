import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ManifestFile } from '../../src/adapters/manifest-file.ts';
import { FileTrouble, type Found, type FoundFile } from '../../src/domain/shared-file.ts';

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

function fileIn(t: Test, most = 1000) {
  const folder = t.testdir({});
  const path = join(folder, 'manifest.json');
  const file = new ManifestFile({ path, most });
  t.teardown(() => file.close());
  const read = async (found: Found) => {
    let text = '';
    const isSame = await file.read(found as FoundFile, async (piece) => void (text += piece.toString()));
    return isSame ? text : undefined;
  };
  return { folder, path, file, read };
}

const text = (path: string) => readFileSync(path, 'utf8');

t.test('what is there is found, read, and replaced as a whole', async (t) => {
  const { folder, path, file, read } = fileIn(t);
  const nothing = await file.look();
  t.same(nothing, { kind: 'nothing' });
  const first = await file.replace(nothing, pieces('one', ' and two'));
  t.equal(text(path), 'one and two');
  t.same(await file.look(), first);
  t.equal(await read(first!), 'one and two');
  const second = await file.replace(first!, pieces('three'));
  t.equal(text(path), 'three');
  t.not(second!.identity, first!.identity);
  t.equal(await read(first!), undefined, 'what was found is not there any more');
  t.same(readdirSync(folder), ['manifest.json'], 'and nothing is left beside it');
});

t.test('it is not replaced when it is not what was found', async (t) => {
  const { path, file } = fileIn(t);
  writeFileSync(path, 'theirs');
  t.equal(await file.replace({ kind: 'nothing' }, pieces('ours')), undefined);
  const found = await file.look();
  const meanwhile = (async function* () {
    yield Buffer.from('ours');
    writeFileSync(path, 'theirs again');
  })();
  t.equal(await file.replace(found, meanwhile), undefined, 'nor when it changes meanwhile');
  t.equal(text(path), 'theirs again');
});

t.test('what somebody writes into the file that was replaced is not lost', async (t) => {
  const { path, file, read } = fileIn(t);
  writeFileSync(path, 'theirs');
  const open = openSync(path, 'r+');
  t.teardown(() => closeSync(open));
  await file.replace(await file.look(), pieces('ours'));
  t.equal(await file.lateWrite(), undefined);
  writeSync(open, 'late by them', 0);
  const late = await file.lateWrite();
  t.equal(await read(late!), 'late by them');
  t.equal(text(path), 'ours');
  t.equal(await file.lateWrite(), undefined, 'and it is read once');
});

t.test('each write has a later time, whatever the clock and the file say', async (t) => {
  const { path, file } = fileIn(t);
  let found: Found = { kind: 'nothing' };
  const times = new Set<bigint>();
  let before = 0n;
  for (let i = 0; i < 20; i++) {
    found = (await file.replace(found, pieces('same')))!;
    const { mtimeNs } = statSync(path, { bigint: true });
    t.ok(mtimeNs > before, `write ${i}`);
    before = mtimeNs;
    times.add(mtimeNs);
  }
  t.equal(times.size, 20);
  const future = Date.now() / 1000 + 1000;
  utimesSync(path, future, future);
  await file.replace(await file.look(), pieces('same'));
  t.ok(statSync(path).mtimeMs > future * 1000 - 1, 'also than a file from the future');
});

t.test('a file keeps its rights', async (t) => {
  const { path, file } = fileIn(t);
  writeFileSync(path, 'x');
  chmodSync(path, 0o666);
  await file.replace(await file.look(), pieces('y'));
  t.equal(statSync(path).mode & 0o777, 0o666);
});

t.test('what is no file, or too large a one, is left alone', async (t) => {
  const { folder, path, file } = fileIn(t, 1000);
  const why = async () => {
    const found = await file.look();
    return found.kind === 'other' ? found.why : found.kind;
  };
  mkdirSync(path);
  t.equal(await why(), 'is a folder');
  rmSync(path, { recursive: true });
  writeFileSync(join(folder, 'elsewhere'), 'x');
  symlinkSync('elsewhere', path);
  t.equal(await why(), 'is a symbolic link; name the file itself');
  t.equal(await file.replace({ kind: 'nothing' }, pieces('y')), undefined);
  rmSync(path);
  writeFileSync(path, '');
  truncateSync(path, 2 ** 31 + 1);
  t.equal(await why(), 'has more than 1000 bytes');
  t.equal(await file.replace({ kind: 'nothing' }, pieces('y')), undefined);
  rmSync(path);
  renameSync(join(folder, 'elsewhere'), path);
  t.equal(await why(), 'file');
});

t.test('what the system forbids is said without a path', async (t) => {
  const { folder } = fileIn(t);
  const file = new ManifestFile({ path: join(folder, 'no', 'such', 'manifest.json'), most: 1000 });
  t.same(await file.look(), { kind: 'nothing' });
  const error = await file.replace({ kind: 'nothing' }, pieces('x')).catch((reason: unknown) => reason);
  t.ok(error instanceof FileTrouble);
  t.equal((error as Error).message, 'cannot be written: its folder is missing');
  t.notOk(existsSync(join(folder, 'no')));
  const broken = (async function* () {
    yield Buffer.from('x');
    throw new Error('a bug');
  })();
  const { path, file: other } = fileIn(t);
  await t.rejects(other.replace({ kind: 'nothing' }, broken), { message: 'a bug' });
  t.notOk(existsSync(path), 'and half of it is nowhere');
});

t.test('a change is noticed soon', { timeout: 20_000 }, async (t) => {
  const { path, file } = fileIn(t);
  // To watch keeps no process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  t.teardown(() => clearInterval(alive));
  for (const change of [
    () => writeFileSync(path, 'x'),
    () => writeFileSync(path, 'xy'),
    () => {
      writeFileSync(`${path}.new`, 'z');
      renameSync(`${path}.new`, path);
    },
  ])
    await new Promise<void>((resolve) => {
      const stop = file.watch(() => {
        stop();
        resolve();
      });
      change();
    });
  const elsewhere = new ManifestFile({ path: '/no/such/folder/manifest.json', most: 1 });
  elsewhere.watch(() => undefined)();
  t.pass('without a folder there is nothing to notice');
});
