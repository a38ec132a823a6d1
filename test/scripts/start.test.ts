// `npm start --port 9000` served on 8760: npm keeps such flags, and says so in a line among others. While it installed and built,
// it said nothing for half a minute.
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { Program } from '../support/program.ts';
import { Pty } from '../support/pty.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = new URL('../../scripts/project.mjs', import.meta.url).href;

const npm = (t: Test, ...args: string[]) => new Program(t, 'npm', ['start', ...args], { cwd: root });

t.test('npm start passes on what is behind two dashes', async (t) => {
  const help = npm(t, '--', '--help');
  t.match(await help.exited, { code: 0 });
  t.match(help.stdout, /^Usage: compositord \[serve\] \[flags\]$/m);
  const version = npm(t, '--', '-v');
  t.match(await version.exited, { code: 0 });
  t.match(version.stdout, /^compositord \d+\.\d+\.\d+$/m);
});

t.test('and of what npm has kept it says how to type it', async (t) => {
  for (const [args, line] of [
    [['--port', '9000'], 'npm start -- --port 9000'],
    [['--demo'], 'npm start -- --demo'],
    [['watch', '--url=http://h'], 'npm start -- watch --url=http://h'],
  ] as const) {
    const program = npm(t, ...args);
    t.match(await program.exited, { code: 2 });
    t.ok(program.stderr.includes(`\n  ${line}\n`), program.stderr);
  }
});

t.test('what takes a while is said, with its time on a terminal', async (t) => {
  const script = `const { step } = await import('${project}');
await step('Building it', async () => undefined);
await step('Failing', async () => { throw new Error('no'); }).catch(({ message }) => console.error(message));`;
  const argv = ['--input-type=module', '-e', script];
  const terminal = new Pty(t, [process.execPath, ...argv]);
  t.match(
    await terminal.shows('no'),
    /^\rBuilding it ... 0 s\rBuilding it ... \d+ s\r\n\rFailing [^\n]* s\r\nno$/,
  );
  const piped = new Program(t, process.execPath, argv);
  await piped.exited;
  t.equal(piped.stderr, 'Building it ...\nFailing ...\nno\n');
});
