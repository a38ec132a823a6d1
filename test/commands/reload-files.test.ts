// A real daemon and its real files, changed by everybody who changes files.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { changeSince, daemonWith, headOf } from './reloading-daemon.ts';

t.test(
  'a changed file is seen: in place, by an editor that renames, and when it comes and goes',
  async (t) => {
    const { daemon, dir, write } = await daemonWith(t, {});
    const next = async (names: string[], change: () => void) => {
      const since = await headOf(daemon);
      change();
      t.same(Object.keys((await changeSince(daemon, since)).compositors).sort(), names);
    };
    await next(['wall'], () => write('compositord.yaml', 'wall: {}\n'));
    await next(['door'], () => write('compositors.json', '[{ "name": "Door" }]'));
    await next(['desk', 'wall'], () => {
      write('.compositord.yaml.swp', 'desk: {}\n');
      renameSync(join(dir, 'compositord.yaml'), join(dir, 'compositord.yaml~'));
      renameSync(join(dir, '.compositord.yaml.swp'), join(dir, 'compositord.yaml'));
    });
    await next(['door'], () => rmSync(join(dir, 'compositors.json')));
  },
);

t.test('a Kubernetes volume: the files are links into a folder that is swapped by a link', async (t) => {
  const dir = await temporaryFolder(t);
  const publish = (version: string, text: string) => {
    mkdirSync(join(dir, version));
    writeFileSync(join(dir, version, 'compositord.yaml'), text);
    symlinkSync(version, join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
  };
  publish('..2026_1', 'wall: {}\n');
  symlinkSync('..data/compositord.yaml', join(dir, 'compositord.yaml'));
  const daemon = await startDaemon(t, { dir });
  const since = await headOf(daemon);
  publish('..2026_2', 'desk: {}\n');
  rmSync(join(dir, '..2026_1'), { recursive: true });
  t.match((await changeSince(daemon, since)).compositors, { wall: null, desk: { name: 'desk' } });
});

t.test('tokens in a Kubernetes volume are replaced without a restart', async (t) => {
  const dir = await temporaryFolder(t);
  const publish = (version: string, token: string) => {
    const hash = `sha256:${createHash('sha256').update(token).digest('hex')}`;
    mkdirSync(join(dir, version));
    writeFileSync(join(dir, version, 'tokens'), JSON.stringify([{ name: 'studio', hash, scopes: ['read'] }]));
    symlinkSync(version, join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
  };
  const [old, fresh] = [randomBytes(16), randomBytes(16)].map((bytes) => `cmp_${bytes.toString('hex')}`);
  publish('..2026_1', old!);
  symlinkSync('..data/tokens', join(dir, 'tokens'));
  const env = { COMPOSITORD_AUTH_FILE: join(dir, 'tokens'), COMPOSITORD_AUTH: '' };
  const daemon = await startDaemon(t, { dir, env });
  const status = async (token: string) => {
    const reply = await fetch(`${daemon.url}/manifest`, { headers: { Authorization: `Bearer ${token}` } });
    await reply.text();
    return reply.status;
  };
  t.same([await status(old!), await status(fresh!)], [200, 401]);
  publish('..2026_2', fresh!);
  await eventually(async () => (await status(fresh!)) === 200, 'the new token is known');
  t.equal(await status(old!), 401, 'and the old one no longer');
});

t.test('a list of another name, by a setting that a reload takes over', async (t) => {
  const { daemon, write } = await daemonWith(t, { 'fleet.json': '[{ "name": "Door" }]' });
  const since = await headOf(daemon);
  write('compositord.yaml', 'daemon: { compositors: fleet.json }\n');
  t.same(Object.keys((await changeSince(daemon, since)).compositors), ['door']);
  t.notMatch(daemon.stderr, /wait for a restart/);
  const then = await headOf(daemon);
  write('fleet.json', '[]');
  t.same((await changeSince(daemon, then)).compositors, { door: null });
});
