// A fresh clone of Geometry OS has no `systems/builder`: its programs make it when they first write into it.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { fileIn } from '../../src/config/geometry-os.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';

t.test('the folder of the shared file is made, and the file is kept', async (t) => {
  const systems = await temporaryFolder(t);
  const manifestFile = fileIn(systems);
  const { inject } = await build(t, { settings: { geometryOs: systems, manifestFile } });
  await eventually(() => existsSync(manifestFile), 'the file');
  await eventually(
    async () => (await inject('/health')).json.manifestFile.state === 'kept',
    'it is kept equal to the map',
  );
  t.match((await inject('/health')).json, { status: 'ok' });
});

t.test('the folder of a file that somebody named is theirs to make', async (t) => {
  const systems = await temporaryFolder(t);
  const manifestFile = join(systems, 'elsewhere/manifest.json');
  const { inject } = await build(t, { settings: { geometryOs: systems, manifestFile } });
  await eventually(
    async () => (await inject('/health')).json.manifestFile?.state === 'unwritable',
    'it says so',
  );
  t.notOk(existsSync(dirname(manifestFile)));
  mkdirSync(dirname(manifestFile));
  await eventually(() => existsSync(manifestFile), 'and goes on when they have');
});
