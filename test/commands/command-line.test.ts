import t from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { CommandError } from '../../src/commands/command.ts';
import { startError } from '../../src/commands/start-error.ts';
import { configOf } from '../config/table.ts';
import { FakeTerminal } from './fake-terminal.ts';

const none = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

async function run(argv: string[], options: ConstructorParameters<typeof FakeTerminal>[0] = {}) {
  const terminal = new FakeTerminal({ readFile: none, ...options });
  const code = await commandLine(argv, terminal);
  return { code, out: terminal.out, err: terminal.err };
}

t.test('what nobody meant to type', async (t) => {
  t.same(await run(['serv']), {
    code: 2,
    out: '',
    err: 'compositord: there is no command "serv". Did you mean serve?\nSee compositord --help.\n',
  });
  t.same(await run(['check', '--lisen=x', '--demo', '--listen', '--store']), {
    code: 2,
    out: '',
    err: '--lisen: unknown flag. Did you mean --listen?\n--demo: unknown flag.\n--listen: needs a value: --listen HOST:PORT\n',
  });
  t.match(await run(['--demo=yes']), { code: 2, err: '--demo: takes no value\n' });
  // The value of an unknown flag was a second mistake: "x: is one argument too many".
  const typo = await run(['check', '--nam', 'x']);
  t.match(typo, { code: 2, err: '--nam: unknown flag. Did you mean --name?\n' });
  t.match(await run(['check', 'extra']), { code: 2, err: /^extra: is one argument too many/ });
});

t.test('check prints what would be served, and where each setting came from', async (t) => {
  const { code, out, err } = await run(
    ['check', '--name=Geometry Compositor 1', '--port=5000', '--address=127.0.0.1', '--protocol=http'],
    { env: { COMPOSITORD_STORE: 'redis://user:hunter2@redis:6379/0', COMPOSITORD_LISTEN: '[::1]:1' } },
  );
  t.equal(code, 0);
  t.equal(err, '');
  t.match(out, /^ {2}store +redis:\/\/user:\*\*\*@redis:6379\/0 +COMPOSITORD_STORE$/m);
  t.match(out, /^ {2}listen +\[::1\]:1 +COMPOSITORD_LISTEN$/m);
  t.match(out, /^ {2}history\.bytes +64 MiB +default$/m);
  t.match(out, /^ {2}cors\.origins +none +default$/m);
  t.match(out, /^1 static compositor$/m);
  t.match(out, /^ {2}geometry-compositor-1 +"Geometry Compositor 1" http:\/\/127\.0\.0\.1:5000 +--name$/m);
  t.notMatch(out, /hunter2/);
});

t.test(
  'check shows where each field of a compositor comes from, its version, and what is hardly meant',
  async (t) => {
    const files: Record<string, string> = {
      'compositord.yaml':
        'wall: { name: The Wall, port: 1, address: a, protocol: http }\nroof: { version: "3" }',
      'compositors.json':
        '[{"name":"The Wall","version":"2.1"},{"name":"X","protocol":"http","address":"b","port":1}]',
    };
    const readFile = (path: string) => {
      if (files[path] !== undefined) return files[path];
      throw Object.assign(new Error('none'), { code: 'ENOENT' });
    };
    const flags = ['check', '--name=The Wall', '--address=b'];
    const { code, out, err } = await run(flags, { readFile });
    t.equal(code, 0);
    t.match(
      out,
      /^ {2}wall +"The Wall" 2\.1 http:\/\/b:1 +--name, compositord\.yaml:1:1, compositors\.json:1:2\n {10}name "The Wall" +--name\n {10}version "2\.1" +compositors\.json:1:\d+\n {10}protocol "http" +compositord\.yaml:1:\d+\n {10}address "b" +--address\n {10}port 1 +compositord\.yaml:1:\d+$/m,
    );
    t.match(out, /^ {2}roof +"roof" 3 +compositord\.yaml:2:1$/m);
    t.match(
      err,
      /^warning: compositors\.json:1:\d+: x has the protocol, address and port of wall, at --address: /,
    );
  },
);

t.test('check and serve print every problem and exit with 2', async (t) => {
  for (const name of ['check', 'serve']) {
    const { code, out, err } = await run([name, '--listen=x'], { readFile: () => 'daemon: { nam: x }' });
    t.equal(code, 2);
    t.equal(out, '');
    t.match(err, /^compositord\.yaml:1:11: unknown setting "nam"\. Did you mean name\?$/m);
    t.match(err, /^--listen: listen must be host:port/m);
  }
});

t.test('check takes every kind of store, and keeps its password to itself', async (t) => {
  for (const [scheme, rest] of [
    ['redis', 'h/3'],
    ['rediss', 'h'],
    ['redis+sentinel', 'h1,h2:26379/m?db=1'],
    ['redis+cluster', 'h1,h2'],
  ])
    // What stands alone is the password.
    for (const login of ['me:', ':', '']) {
      const { code, out, err } = await run(['check', `--store=${scheme}://${login}hunter2@${rest}`]);
      t.match({ code, err }, { code: 0, err: '' });
      t.ok(out.includes(`${scheme}://${login}***@${rest}`), out);
      t.notMatch(out, /hunter2/);
    }
});

t.test('what keeps the daemon from starting is one line; a bug is none', async (t) => {
  const { settings } = configOf({ flags: { listen: ['127.0.0.1:80'] } }).config;
  const system = (code: string, syscall: string) =>
    Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
  const messageOf = (error: Error) => {
    const reported = startError(error, settings);
    return reported instanceof CommandError ? reported.message : undefined;
  };
  t.match(messageOf(system('EADDRINUSE', 'listen')), /^another program listens on 127\.0\.0\.1:80 already/);
  t.match(messageOf(system('EACCES', 'listen')), /^not allowed to listen on 127\.0\.0\.1:80/);
  t.match(messageOf(system('EADDRNOTAVAIL', 'listen')), /^this machine has no address 127\.0\.0\.1/);
  t.match(messageOf(system('ENOTFOUND', 'getaddrinfo')), /^this machine has no address/);
  t.equal(messageOf(system('EMFILE', 'listen')), 'cannot listen on 127.0.0.1:80: EMFILE');
  t.equal(messageOf(new Error('the folder is damaged\n  at x')), 'the folder is damaged');
  t.equal(messageOf(new TypeError('x is not a function')), undefined);
});
