import t from 'tap';

const script = new URL('../../scripts/dependencies.mjs', import.meta.url).href;
const { isInstalled } = (await import(script)) as { isInstalled: (folder: string) => boolean };

t.test('installed is what the lockfile says, and nothing else', async (t) => {
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  const b = { version: '2.0.0', integrity: 'sha512-b', optional: true };
  const lock = { '': { name: 'x' }, 'node_modules/a': a, 'node_modules/b': b };
  const installed = (present: object | undefined) => {
    const folder = t.testdir({
      'package-lock.json': JSON.stringify({ packages: lock }),
      node_modules: present ? { '.package-lock.json': JSON.stringify({ packages: present }) } : {},
    });
    return isInstalled(`${folder}/`);
  };
  t.equal(installed({ 'node_modules/a': a, 'node_modules/b': b }), true);
  t.equal(installed({ 'node_modules/a': a }), true, 'an optional one may be of another platform');
  t.equal(installed({ 'node_modules/b': b }), false, 'missing');
  t.equal(installed({ 'node_modules/a': { ...a, version: '1.0.1' } }), false, 'another version');
  t.equal(installed({ 'node_modules/a': { ...a, integrity: 'sha512-c' } }), false, 'other bytes');
  t.equal(installed({ 'node_modules/a': a, 'node_modules/c': a }), false, 'one too many');
  t.equal(installed(undefined), false, 'cut off, or never');
  t.equal(isInstalled(`${t.testdir({})}/`), false);
});
