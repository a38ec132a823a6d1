import t from 'tap';
import { servesGeometryOs } from '../../src/config/geometry-os.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { configOf, problemsOf, type Outside } from './table.ts';

/** Where `systems` is a folder and `file` is none. */
function loaded({ flags = {}, env = {}, files = {} }: Outside) {
  return loadConfig({
    flags,
    env,
    readFile: (path) => {
      if (path === 'systems') throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
  });
}

function settingsOf(outside: Outside) {
  const result = loaded(outside);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return { ...result, settings: result.config.settings };
}

t.test('the folder of Geometry OS says where its pictures and its socket are', async (t) => {
  const { settings, origins } = settingsOf({ flags: { 'geometry-os': ['systems'] } });
  t.match(settings, {
    geometryOs: 'systems',
    bricks: { from: 'systems/builder', missing: 'draw' },
    manifestFile: 'systems/builder/map/manifest.json',
    legacySocket: { host: '127.0.0.1', port: 8765, mayBeTaken: true },
  });
  t.equal(origins.settings.get('legacySocket'), '--geometry-os');
  t.equal(origins.settings.get('bricks.from'), '--geometry-os');
});

t.test('what is given itself wins over what follows from the folder', async (t) => {
  const { settings, origins } = settingsOf({
    flags: { 'geometry-os': ['systems'], 'legacy-socket': ['127.0.0.1:9'] },
    env: { COMPOSITORD_BRICKS_FROM: 'pictures' },
  });
  t.strictSame(settings.legacySocket, { host: '127.0.0.1', port: 9 });
  t.equal(settings.bricks.from, 'pictures');
  t.equal(settings.manifestFile, 'systems/builder/map/manifest.json');
  t.equal(origins.settings.get('legacySocket'), '--legacy-socket');
});

t.test('nothing follows from on and off', async (t) => {
  for (const value of ['on', 'off']) {
    const { settings } = settingsOf({ flags: { 'geometry-os': [value] } });
    t.equal(settings.legacySocket, undefined, value);
    t.equal(settings.bricks.from, undefined, value);
    t.equal(settings.manifestFile, undefined, value);
  }
});

t.test('a folder that is none is a problem that names it', async (t) => {
  t.same(problemsOf({ flags: { 'geometry-os': ['sytems'] } }), [
    '--geometry-os: geometryOs names sytems: there is no such folder',
  ]);
  t.same(problemsOf({ files: { file: 'x' }, env: { COMPOSITORD_GEOMETRY_OS: 'file' } }), [
    'COMPOSITORD_GEOMETRY_OS: geometryOs names file: it is no folder',
  ]);
});

t.test('the folder is no file of the configuration, which a change would reload', async (t) => {
  t.notOk(settingsOf({ flags: { 'geometry-os': ['systems'] } }).files.has('systems'));
});

t.test('it is served by default where only this machine can connect', async (t) => {
  const serves = (flags: Record<string, string[]>) =>
    servesGeometryOs(configOf({ flags: { auth: ['open'], ...flags } }).config.settings);
  t.equal(serves({}), true);
  t.equal(serves({ listen: ['[::1]:1'] }), true);
  t.equal(serves({ 'geometry-os': ['off'] }), false);
  t.equal(serves({ listen: ['0.0.0.0:1'] }), false);
  t.equal(serves({ 'legacy-socket': ['0.0.0.0:1'] }), false, 'each address counts');
  t.equal(serves({ listen: ['0.0.0.0:1'], 'geometry-os': ['on'] }), true);
});
