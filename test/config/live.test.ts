// What a reload does with each setting: what docs/configuration.md says of it there, or nothing but a warning that names it.
import t, { type Test } from 'tap';
import type { Settings } from '../../src/config/config.ts';
import { SETTINGS, valueOf } from '../../src/config/settings.ts';
import { build, type Built } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';
import { configOf } from './table.ts';

const [first, second] = [tokenFor('first', ['read']), tokenFor('second', ['read'])];
const isLive = ({ schema }: (typeof SETTINGS)[number]) => schema['live'] !== undefined;

/** The configuration that runs, with one setting changed. */
function changed({ config }: Built, change: (settings: Settings) => void) {
  const settings = structuredClone(config.settings);
  change(settings);
  return { ...configOf({}).config, settings };
}

const set = (settings: Settings, pointer: string, value: unknown): void => {
  const names = pointer.slice(1).split('/');
  const last = names.pop()!;
  const group = names.reduce<Record<string, unknown>>(
    (above, name) => above[name] as Record<string, unknown>,
    settings as unknown as Record<string, unknown>,
  );
  group[last] = value;
};

/** Shows that a reload applies the setting. */
const EFFECTS: Readonly<Record<string, (t: Test) => Promise<void>>> = {
  auth: async (t) => {
    const built = await build(t, { settings: { auth: [first.entry] } });
    const status = async ({ headers }: typeof first) =>
      (await built.inject({ url: '/manifest', headers })).status;
    t.same([await status(first), await status(second)], [200, 401]);
    await built.app.reload(changed(built, (settings) => (settings.auth = [second.entry])));
    t.same([await status(first), await status(second)], [401, 200]);
  },
  'auth.anonymous': async (t) => {
    const built = await build(t, { settings: { auth: [first.entry] } });
    t.equal((await built.inject('/manifest')).status, 401);
    await built.app.reload(changed(built, (settings) => (settings.anonymous = ['read'])));
    t.equal((await built.inject('/manifest')).status, 200);
  },
  'log.level': async (t) => {
    const built = await build(t);
    await built.app.reload(changed(built, (settings) => (settings.log.level = 'error')));
    const before = built.log.length;
    await built.inject('/nowhere');
    t.equal(built.log.length, before);
  },
  compositors: async (t) => {
    const built = await build(t);
    const files = {
      'compositord.yaml': 'daemon: { compositors: fleet.json }\n',
      'fleet.json': '[{ "name": "Wall" }]',
    };
    await built.app.reload({ ...configOf({ files }).config, settings: built.config.settings });
    t.match((await built.inject('/manifest')).json, { compositors: { wall: {} } });
  },
};

t.test('each that is said to be live is', async (t) => {
  t.strictSame(
    SETTINGS.filter(isLive)
      .map(({ path }) => path)
      .sort(),
    Object.keys(EFFECTS).sort(),
  );
  for (const [path, effect] of Object.entries(EFFECTS)) await t.test(path, effect);
});

t.test('each other waits for a restart, and a warning names it', async (t) => {
  const built = await build(t);
  for (const setting of SETTINGS.filter((each) => !isLive(each))) {
    const before = built.log.length;
    const other = valueOf(built.config.settings, setting) === 7 ? 8 : 7;
    await built.app.reload(changed(built, (settings) => set(settings, setting.pointer, other)));
    t.match(built.log.slice(before), [{ level: 40, settings: [setting.path] }], setting.path);
  }
});
