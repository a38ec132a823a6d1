// deploy/components/infinitemap_daemon.toml, the descriptor for Geometry OS, against what it speaks of.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import t from 'tap';
import { UnitFile } from './unit-file.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFile(join(PROJECT, path), 'utf8');
const text = await read('deploy/components/infinitemap_daemon.toml');
const npm = JSON.parse(await read('package.json')) as {
  name: string;
  version: string;
  description: string;
  license: string;
  engines: { node: string };
  bin: Record<string, string>;
};

interface Descriptor {
  component: Record<string, unknown> & {
    entrypoint: string;
    entrypoints: Record<string, string>;
    data_files: [folder: string, file: string][];
  };
}

t.test('TOML 1.0, and says what package.json says', async (t) => {
  const { component } = parse(text) as unknown as Descriptor;
  t.match(component, {
    name: 'infinitemap_daemon',
    version: npm.version,
    description: npm.description,
    license: npm.license,
    dependencies: [`node ${npm.engines.node}`],
  });
  t.same(component.entrypoints, npm.bin);
  t.ok(existsSync(join(PROJECT, component.entrypoints[component.entrypoint]!)), 'and the build makes it');
  t.throws(() => parse(text.replace('[component]', '[component')), { message: /Invalid TOML/ });
});

t.test('the unit that it installs is there, and runs its entrypoint', async (t) => {
  const { component } = parse(text) as unknown as Descriptor;
  t.strictSame(component.data_files, [['/etc/systemd/system', 'infinitemap-compositor-manager.service']]);
  const [[, file]] = component.data_files as [[string, string]];
  const unit = new UnitFile(await read(`deploy/systemd/${file}`));
  const script = component.entrypoints[component.entrypoint]!;
  t.ok(unit.one('ExecStart').endsWith(`/${script} serve`));
});
