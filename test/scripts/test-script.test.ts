import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npm test` over these files, as if no test ran it. */
function run(t: Test, files: Record<string, string>) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?TAP/.test(name)));
  const folder = t.testdir(files);
  const paths = Object.keys(files).map((name) => join(folder, name));
  const { status, stdout } = spawnSync(process.execPath, ['scripts/test.mjs', ...paths], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1), stdout };
}

t.test('ends with what came of it', async (t) => {
  const good =
    "import t from 'tap';\nt.ok(true);\nt.test('sub', async (t) => { t.ok(true); });\nt.skip('later');\n";
  t.match(run(t, { 'good.test.mjs': good }), { status: 0, last: '2 passed, 0 failed, 1 skipped' });
});

t.test('a failure fails it', async (t) => {
  const bad = "import t from 'tap';\nt.ok(true);\nt.equal(1, 2);\n";
  t.match(run(t, { 'bad.test.mjs': bad }), { status: 1, last: '1 passed, 1 failed, 0 skipped' });
});

t.test('so does a file without a test', async (t) => {
  const files = {
    'empty.test.mjs': 'export const nothing = 1;\n',
    'good.test.mjs': "import t from 'tap';\nt.ok(1);\n",
  };
  const { status, last, stdout } = run(t, files);
  t.equal(status, 1);
  t.equal(last, '1 passed, 1 failed, 0 skipped');
  t.match(stdout, /empty.test.mjs > it ran no test/);
});
