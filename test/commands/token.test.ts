import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { clientToken } from '../../src/commands/client-options.ts';
import { configOf } from '../config/table.ts';
import { MAIN, startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { FakeTerminal } from './fake-terminal.ts';

async function make(...args: string[]) {
  const terminal = new FakeTerminal({});
  const code = await commandLine(['token', ...args], terminal);
  const { out, err } = terminal;
  return {
    code,
    out,
    err,
    token: /^ {2}(cmp_\S+)$/m.exec(out)?.[1] ?? '',
    variable: /^ {2}COMPOSITORD_AUTH='(.*)'$/m.exec(out)?.[1] ?? '',
    line: /^( {2}auth:\n.*)$/m.exec(out)?.[1] ?? '',
  };
}

t.test('token prints a token, and what a configuration knows of it', async (t) => {
  const made = await make('--name', "wall's", '--scopes', 'read, command', '--compositors', 'wall,desk-*');
  t.equal(made.code, 0);
  const expected = [{ name: "wall's", scopes: ['read', 'command'], compositors: ['wall', 'desk-*'] }];
  t.match(made.out, /COMPOSITORD_AUTH='.*wall'\\''s/, 'quoted for a shell');
  const byFile = configOf({ files: { 'compositord.yaml': `daemon:\n${made.line}\n` } });
  t.match(byFile.config.settings.auth, expected);
  const plain = await make();
  t.match(configOf({ env: { COMPOSITORD_AUTH: plain.variable } }).config.settings.auth, [
    { name: 'client', scopes: ['read', 'write'] },
  ]);
  const limited = await make('--view', '9,9,0,0', '--not-after', '2027-01-31T00:00:00Z');
  t.match(configOf({ env: { COMPOSITORD_AUTH: limited.variable } }).config.settings.auth, [
    { view: { x1: 0, y1: 0, x2: 9, y2: 9 }, expiresAt: Date.parse('2027-01-31T00:00:00Z') },
  ]);
  t.notMatch(plain.variable, plain.token);
  t.not(plain.token, made.token);
  for (const wrong of [
    ['--scopes', 'all'],
    ['--name', ''],
    ['--compositors', 'A b'],
    ['--view', '0,0,9'],
    ['--not-after', 'tomorrow'],
  ])
    t.match(await make(...wrong), { code: 2, out: '', err: new RegExp(`^${wrong[0]!}: must be`) });
});

t.test("a client's token: by flag, variable, or file; what is wrong with it never shows it", async (t) => {
  const readFile = (path: string) => {
    if (path === '/secret') return 'cmp_file\n';
    throw Object.assign(new Error('no'), { code: 'ENOENT' });
  };
  const of = (token: string | undefined, env: Record<string, string>) =>
    clientToken(token === undefined ? {} : { token: [token] }, { env, readFile });
  t.equal(of(undefined, {}), undefined);
  t.equal(of('cmp_flag', { COMPOSITORD_TOKEN: 'cmp_variable' }), 'cmp_flag');
  t.equal(
    of(undefined, { COMPOSITORD_TOKEN: 'cmp_variable', COMPOSITORD_TOKEN_FILE: '/secret' }),
    'cmp_variable',
  );
  t.equal(of(undefined, { COMPOSITORD_TOKEN: '', COMPOSITORD_TOKEN_FILE: '/secret' }), 'cmp_file');
  t.throws(() => of(undefined, { COMPOSITORD_TOKEN_FILE: '/none' }), /^COMPOSITORD_TOKEN_FILE: cannot/);
  t.throws(() => of('hunter2\r\nx', {}), { message: '--token: has characters that no token has' });
});

t.test('a daemon with tokens, and its clients with and without one', async (t) => {
  const { token, variable } = await make();
  const daemon = await startDaemon(t, {
    env: { COMPOSITORD_AUTH: variable },
    args: ['--demo', '--log-level=info'],
  });
  const { url, dir } = daemon;
  t.equal((await send('GET', `${url}/manifest`)).status, 401);
  t.equal((await send('GET', `${url}/health/ready`)).status, 200);

  const trace = join(dir, 'trace.jsonl');
  const line = {
    at: 1773451213,
    compositor: 'wall',
    tiles: { '3,-4': { brick: 'a', timestamp: 1773451213 } },
  };
  writeFileSync(trace, `${JSON.stringify(line)}\n`);
  const client = (t: Test, ...args: string[]) =>
    new Program(t, process.execPath, [MAIN, ...args], { cwd: dir, env: { COMPOSITORD_TOKEN: token } });
  const stranger = new Program(t, process.execPath, [MAIN, 'replay', trace, '--url', url], { cwd: dir });
  t.match(await stranger.exited, { code: 1 });
  t.match(stranger.stderr, /401 unauthorized/);

  const replay = client(t, 'replay', trace, '--url', url);
  await replay.prints(/^1 lines of 1 compositors/);
  const watch = client(t, 'watch', '--url', url, '--count', '1', '--compositor', 'wall');
  t.match(await watch.exited, { code: 0 });
  t.match(watch.stdout, /snapshot reason="initial" tiles=1/);
  t.match(await replay.stop('SIGINT'), { code: 0 });

  const lost = new Program(t, process.execPath, [MAIN, 'verify', url], { cwd: dir });
  t.match(await lost.exited, { code: 2 });
  t.match(lost.stderr, /a token with the scopes read and write is needed/);
  // The demo has a token of its own, which nobody else learns of.
  const headers = { authorization: `Bearer ${token}` };
  const demo = await send('GET', `${url}/manifest/history?limit=1`, undefined, headers);
  t.equal(demo.status, 200);
  await daemon.stop();
  t.match(daemon.stderr, /"principal":"demo"/);
  t.notMatch(daemon.stderr, /demo: .*(?:401|403)/);
  for (const { stderr } of [daemon, stranger, replay, watch, lost]) t.notMatch(stderr, /cmp_/);
});

t.test('verify holds a deployment with tokens to its promises, too', { timeout: 100_000 }, async (t) => {
  const { token, variable } = await make();
  const { url, dir } = await startDaemon(t, { env: { COMPOSITORD_AUTH: variable } });
  const args = ['verify', url, '--token', token, '--seconds', '4', '--json'];
  const verify = new Program(t, process.execPath, [MAIN, ...args], { cwd: dir });
  t.match(await verify.exited, { code: 0 }, verify.stdout);
  t.notMatch(verify.stdout + verify.stderr, /cmp_/);
});
