// Real shells: what a shell makes of the script cannot be seen from the script.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAIN } from '../support/daemon.ts';
import { Pty } from '../support/pty.ts';

const folder = t.testdir({ 'trace.jsonl': '', 'wall file.json': '' });
mkdirSync(join(folder, 'bin'));
const command = join(folder, 'bin', 'compositord');
writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
chmodSync(command, 0o755);
const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder };

const isHere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

function run(shell: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`);
  return stdout;
}

/** What is typed, and some or all of what is offered. */
const OFFERS: readonly (readonly [string, readonly string[]])[] = [
  ['w', ['watch']],
  ['re', ['replay', 'restore']],
  ['help ver', ['verify', 'version']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['watch --u', ['--url']],
  ['--dem', ['--demo']],
  ['--log-level d', ['debug']],
  ['check --log-level ', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']],
  ['verify --json --s', ['--seconds']],
  ['replay tr', ['trace.jsonl']],
  ['export --out wall', ['wall file.json']],
  ['check --protocol w', ['ws', 'wss']],
  ['watch --url ', []],
];

t.test('bash offers commands, flags, values and files', async (t) => {
  const script = `eval "$(compositord completion bash)"
while IFS= read -r line; do
  eval "COMP_WORDS=(compositord $line)"
  [[ $line == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _compositord; IFS='|'; echo "\${COMPREPLY[*]}"; unset IFS
done << 'EOF'
${OFFERS.map(([typed]) => typed).join('\n')}
check --log-level = wa
EOF
`;
  const offered = run('bash', ['--norc', '-c', script]).split('\n');
  for (const [i, [typed, expected]] of OFFERS.entries())
    t.same(offered[i]!.split('|').filter(Boolean), expected, `compositord ${typed}`);
  t.equal(offered[OFFERS.length], 'warn', 'bash takes the = of a flag for a word');
});

// What went wrong: the process ended with the rest still to be written, where whoever read it took its time.
t.test('all of a long script comes through a pipe', (t) => {
  const whole = run(command, ['completion', 'fish']);
  t.ok(whole.length > 2 ** 16, 'longer than a pipe takes at once');
  const slowly = run('sh', ['-c', 'compositord completion fish | { sleep 2; cat; }']);
  t.equal(slowly.length, whole.length);
  t.end();
});

t.test('fish offers them, too', async (t) => {
  if (!isHere('fish')) return t.pass('fish is not on this machine: its completion was not tried');
  const script = `compositord completion fish | source\n${OFFERS.map(
    ([typed]) => `complete -C 'compositord ${typed}'; echo ---`,
  ).join('\n')}\ncomplete -C 'compositord check --log-level=wa'`;
  const offered = run('fish', ['--no-config', '-c', script])
    .split('---\n')
    .map((text) =>
      text
        .split('\n')
        .map((line) => line.split('\t', 1)[0]!)
        .filter(Boolean),
    );
  for (const [i, [typed, expected]] of OFFERS.entries())
    t.same(offered[i]!.sort(), [...expected].sort(), `compositord ${typed}`);
  t.same(offered[OFFERS.length], ['--log-level=warn']);
});

/** Types with Tab, in a shell that has evaluated the script. */
async function types(t: Test, argv: readonly string[], prepare: string): Promise<void> {
  const shell = new Pty(t, argv, env);
  shell.type(`${prepare}; eval "$(compositord completion ${argv[0]})"; PS1='ready> '; echo prep''ared\r`);
  await shell.shows('prepared');
  await shell.shows('ready> ');
  shell.type('compositord vers');
  await shell.shows('vers');
  shell.type('\t');
  await shell.shows('ion ');
  shell.type('\r');
  await shell.shows('compositord 0.');
  await shell.shows('ready> ');
  shell.type('compositord check --log-le');
  await shell.shows('log-le');
  shell.type('\t');
  await shell.shows('vel');
  // bash adds a space, zsh a =, and both take a value behind it.
  shell.type('\x15exit\r');
  t.equal(await shell.exited, 0);
}

t.test('Tab in bash', async (t) => types(t, ['bash', '--norc', '--noprofile', '-i'], ':'));

t.test('Tab in zsh', async (t) => {
  if (!isHere('zsh')) return t.pass('zsh is not on this machine: its completion was not tried');
  await types(t, ['zsh', '-f', '-i'], 'autoload -Uz compinit; compinit -u -D');
  return undefined;
});
