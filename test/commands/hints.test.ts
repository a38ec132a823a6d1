// What nobody could have meant was answered with the nearest rule, not with what to type: --port asked for a --name, `listen:` at the
// top of the file "must be a mapping", --store=./data "does not look like redis://", and ~ made a folder of that name.
import t from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { FakeTerminal } from './fake-terminal.ts';

async function run(argv: readonly string[], options: { env?: Record<string, string>; yaml?: string } = {}) {
  const readFile = (path: string) => {
    if (path === 'compositord.yaml' && options.yaml !== undefined) return options.yaml;
    throw Object.assign(new Error('none'), { code: 'ENOENT' });
  };
  const terminal = new FakeTerminal({ readFile, ...(options.env && { env: options.env }) });
  const code = await commandLine(argv, terminal);
  return { code, err: terminal.err, out: terminal.out };
}

t.test('a flag that means another', async (t) => {
  const hints: [string[], string | RegExp][] = [
    [
      ['--port', '9000'],
      '--port: describes a compositor: give its --name too; the daemon itself listens where --listen says: --listen=127.0.0.1:9000\n1 problem\n',
    ],
    [['check', '--port=9', '--address=::1'], /--listen=::1:9$/m],
    [['check', '--protocol=http'], '--protocol: describes a compositor: give its --name too\n1 problem\n'],
    [['check', '--host=x'], '--host: unknown flag. Did you mean --listen?\n'],
    [['check', '--Log_Level=x'], '--Log_Level: unknown flag. Did you mean --log-level?\n'],
    [['check', '--log=x'], '--log: unknown flag. Did you mean --log-level?\n'],
    [['check', '-listen=x'], '-listen: unknown flag. Did you mean --listen?\n'],
    [['watch', '--ulr=x'], '--ulr: unknown flag. Did you mean --url?\n'],
    [['watch', '--verbose'], '--verbose: unknown flag.\n'],
    [['--url', 'http://x', 'watch'], /^watch: a command comes first, before its flags: compositord watch/],
    [
      ['check', '--listen=9000'],
      /; for this machine alone 127\.0\.0\.1:9000, for others, too, 0\.0\.0\.0:9000$/m,
    ],
    [['check', '--listen=localhost'], /; the port is missing: localhost:8760$/m],
    [['check', '--listen=http://[::1]:1/'], /; without http:\/\/: \[::1\]:1$/m],
    [['check', '--listen=a:b:c'], /must be host:port, such as .*, not "a:b:c"$/m],
    [
      ['watch', '--url=localhost:8760/map'],
      /not "localhost:8760\/map"\. Did you mean http:\/\/localhost:8760\/map\?$/m,
    ],
    [['replay'], 'compositord replay: an argument is missing: compositord replay FILE; see --help\n'],
  ];
  for (const [argv, expected] of hints) {
    const { code, err, out } = await run(argv);
    t.match({ code, out }, { code: 2, out: '' }, argv.join(' '));
    if (typeof expected === 'string') t.equal(err, expected);
    else t.match(err, expected);
  }
  t.match(
    await run(['token', '--view', '-8,-8,8,8']),
    { code: 0 },
    'a value may begin with a minus and a digit',
  );
});

t.test('a command by another name, and a file', async (t) => {
  for (const [word, meant] of [
    ['wach', 'watch'],
    ['start', 'serve'],
    ['list', 'console'],
    ['wall.yaml', '--config=wall.yaml'],
  ] as const)
    t.same(await run([word]), {
      code: 2,
      out: '',
      err: `compositord: there is no command "${word}". Did you mean ${meant}?\nSee compositord --help.\n`,
    });
  t.match(await run(['constructor']), { code: 2, err: /there is no command "constructor"\.\n/ });
});

t.test('a store that is written as a folder', async (t) => {
  for (const [store, hint] of [
    ['./data', 'a folder is written file:./data'],
    ['/var/lib/x', 'a folder is written file:/var/lib/x'],
    ['C:\\data', 'a folder is written file:C:\\data'],
    ['..\\data', 'a folder is written file:..\\data'],
    ['data', 'a folder is written file:<folder>, and a Redis redis://<host>'],
    ['~/data', 'a folder is written file:<folder>, such as file:$HOME/data'],
    ['localhost:6379', 'it does not look like redis://host[:port][/db]'],
  ] as const) {
    const { code, err } = await run(['check', `--store=${store}`]);
    t.equal(code, 2);
    t.ok(err.includes(`; ${hint}\n`), err);
  }
  // What may hold a password is not repeated.
  for (const store of ['//user:hunter2@h', 'hunter2@h', 'user:hunter2@h'])
    t.notMatch((await run(['check', `--store=${store}`])).err, /hunter2/);
});

t.test('a folder where a file is meant', async (t) => {
  const folder = t.testdir({});
  for (const [command, code, said] of [
    ['inspect', 2, `${folder}: is a folder; the store in it is compositord inspect file:${folder}\n`],
    ['replay', 1, `compositord replay: cannot read ${folder}: it is a folder\n`],
    ['import', 1, `compositord import: cannot read ${folder}: it is a folder\n`],
  ] as const)
    t.match(await run([command, folder]), { code, err: said });
  t.match(await run(['inspect', `${folder}/none`]), {
    code: 1,
    err: /cannot read .*\/none: there is no such file/,
  });
});

t.test('a ~ that no shell has expanded', async (t) => {
  const hint = /: .*only a shell expands ~, at the beginning of a word: write the whole path/;
  for (const argv of [
    ['check', '--store=file:~/data'],
    ['check', '--config=~/compositord.yaml'],
    ['check', '--compositors=~/list.json'],
    ['check', '--manifest-file=~/map.json'],
    ['check', '--geometry-os=~joe/systems'],
    ['check', '--bricks-from=~/bricks'],
    ['export', '--out=~/map.json'],
    ['replay', '~/trace.jsonl'],
    ['inspect', '~'],
  ]) {
    const { code, err } = await run(argv);
    t.equal(code, 2, argv.join(' '));
    t.match(err, hint);
  }
  t.match(await run(['check'], { yaml: 'daemon: { store: "file:~/x" }' }), { code: 2, err: hint });
  t.match(await run(['watch'], { env: { COMPOSITORD_TOKEN_FILE: '~/token' } }), { code: 2, err: hint });
  t.match(await run(['check', '--store=file:./~/data', '--manifest-file=~map']), { code: 0 });
});

t.test('a setting at the top of the file, where compositors are', async (t) => {
  for (const [yaml, expected] of [
    ['listen: 127.0.0.1:1', 'compositord.yaml:1:1: listen is a setting of the daemon: put it below daemon:'],
    ['lease: { ttl: 5 }', 'compositord.yaml:1:1: lease is a setting of the daemon: put it below daemon:'],
    ['log:\n  level: debug', 'compositord.yaml:1:1: log is a setting of the daemon: put it below daemon:'],
    ['auth: []', 'compositord.yaml:1:1: auth is a setting of the daemon: put it below daemon:'],
    [
      'port: 9000',
      'compositord.yaml:1:1: port is a field of a compositor: put it below the key of that compositor. The daemon itself listens where listen says, below daemon:',
    ],
    [
      'lisen: x',
      'compositord.yaml:1:1: the compositor "lisen" must be a mapping of its fields. Did you mean listen?',
    ],
  ] as const)
    t.same(await run(['check'], { yaml }), { code: 2, out: '', err: `${expected}\n1 problem\n` });
  const compositor = 'log: { protocol: http, address: a, port: 1 }';
  t.match(await run(['check'], { yaml: compositor }), { code: 0, out: /^1 static compositor\n {2}log /m });
});

t.test('flags that npm took for itself', async (t) => {
  const npm = { npm_lifecycle_event: 'start' };
  for (const [argv, env, line] of [
    [['9000'], { npm_config_port: 'true' }, 'npm start -- --port 9000'],
    [[], { npm_config_demo: 'true' }, 'npm start -- --demo'],
    [[], { npm_config_listen: '127.0.0.1:1', npm_config_cache: '/x' }, 'npm start -- --listen=127.0.0.1:1'],
    [['watch'], { npm_config_url: 'http://h' }, 'npm start -- watch --url=http://h'],
    [['import', 'f.json'], { npm_config_dry_run: 'true' }, 'npm start -- import --dry-run f.json'],
    [[], { npm_lifecycle_event: 'dev', npm_config_log_level: 'debug' }, 'npm run dev -- --log-level=debug'],
  ] as const) {
    const { code, err } = await run(argv, { env: { ...npm, ...env } });
    t.equal(code, 2);
    t.match(err, /^npm took --\S+ for itself\. What is for compositord comes after two dashes:\n/);
    t.ok(err.endsWith(`  ${line}\n`), err);
  }
  const both = { ...npm, npm_config_url: 'http://h' };
  t.match(await run(['watch', '--url=ftp://x'], { env: both }), { code: 2, err: /^--url: must be/ });
  t.match(await run(['token'], { env: { ...npm, npm_config_force: 'true', npm_config_demo: '' } }), {
    code: 0,
  });
});
