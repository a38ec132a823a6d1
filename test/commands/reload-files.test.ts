// A real daemon and its real files, changed by everybody who changes files.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
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
