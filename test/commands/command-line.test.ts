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

t.test('--version and --help', async (t) => {
  t.same(await run(['--version']), { code: 0, out: 'compositord 1.2.3\n', err: '' });
  for (const args of [['--help'], ['-h']]) {
    const { code, out } = await run(args);
    t.equal(code, 0);
    for (const name of ['serve', 'check', 'console', 'replay', 'watch', 'verify', 'token'])
      t.match(out, new RegExp(`^  ${name} `, 'm'));
  }
  for (const name of ['serve', 'check', 'console', 'replay', 'watch', 'verify', 'token']) {
    const { code, out } = await run([name, '--help']);
    t.equal(code, 0);
    t.match(out, /^Usage: compositord /);
    t.ok(out.split('\n').every((line) => line.length <= 130));
  }
  t.match((await run(['serve', '--help'])).out, /--stream-max-age +Maximum age of a stream/);
});

t.test('what nobody meant to type', async (t) => {
  t.same(await run(['serv']), {
    code: 2,
    out: '',
    err: 'compositord: there is no command "serv". Did you mean serve?\nSee compositord --help.\n',
  });
  t.same(await run(['check', '--lisen=x', '--demo', '--listen', '--store']), {
    code: 2,
    out: '',
    err: '--lisen: unknown flag. Did you mean --listen?\n--demo: unknown flag. Did you mean --name?\n--listen: needs a value\n'.replace(
      ' Did you mean --name?',
      '',
    ),
  });
  t.match(await run(['--demo=yes']), { code: 2, err: '--demo: takes no value\n' });
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
  const login = 'me:hunter2@';
  for (const [scheme, rest] of [
    ['redis', 'h/3'],
    ['rediss', 'h'],
    ['redis+sentinel', 'h1,h2:26379/m?db=1'],
    ['redis+cluster', 'h1,h2'],
  ]) {
    const { code, out, err } = await run(['check', `--store=${scheme}://${login}${rest}`]);
    t.match({ code, err }, { code: 0, err: '' });
    t.ok(out.includes(`${scheme}://me:***@${rest}`), out);
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
