// A start was a heap of log lines with the address of the map in between, each field on a line of its own; a log in a file was
// coloured with FORCE_COLOR unset, and never with it; a daemon whose output nobody read ended, and a full disk was no failure.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from '../support/program.ts';
import { Pty } from '../support/pty.ts';

const ESCAPES = /\x1b\[/;

async function serveOn(t: Test, env: Record<string, string>, ...more: string[]): Promise<Pty> {
  const store = `file:${await temporaryFolder(t)}`;
  return new Pty(
    t,
    [process.execPath, MAIN, 'serve', '--listen=127.0.0.1:0', `--store=${store}`, ...more],
    env,
  );
}

t.test('on a terminal the log is a line for each entry, and the map comes last', async (t) => {
  const terminal = await serveOn(t, {}, '--demo', '--log-level=info');
  const lines = (await terminal.shows('/map')).split('\r\n');
  const at = lines.findIndex((line) => /^compositord serves http:\/\/127\.0\.0\.1:\d+$/.test(line));
  t.ok(at > 0);
  for (const line of lines.slice(0, at)) t.match(line, /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: \S/);
  t.match(lines.slice(at + 1), [
    /^API to read and try: http.*\/docs$/,
    /^Try: curl -N http.*\/manifest\/stream$/,
    'The demo replays a recorded trace, for ever.',
    /^The map: http:\/\/127\.0\.0\.1:\d+\/map$/,
  ]);
  terminal.type('\x03');
  t.equal(await terminal.exited, 0);
  t.notMatch(terminal.raw, /404/);
});

t.test('colours are for terminals, unless one says otherwise', async (t) => {
  for (const [env, coloured] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
    [{ FORCE_COLOR: '0' }, false],
  ] as const) {
    const terminal = await serveOn(t, env);
    await terminal.shows('/map');
    t.equal(ESCAPES.test(terminal.raw), coloured, JSON.stringify(env));
    terminal.type('\x03');
    await terminal.exited;
  }
  for (const [env, coloured] of [
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
  ] as const) {
    const args = [
      MAIN,
      '--listen=127.0.0.1:0',
      `--store=file:${await temporaryFolder(t)}`,
      '--log-format=pretty',
    ];
    const piped = new Program(t, process.execPath, args, { env });
    await piped.prints(/\/map/);
    await piped.stop();
    t.equal(ESCAPES.test(piped.stdout), coloured, `stdout, ${JSON.stringify(env)}`);
    t.equal(ESCAPES.test(piped.stderr), coloured, `the log, ${JSON.stringify(env)}`);
  }
});

t.test('a narrow terminal', async (t) => {
  const shell = ['sh', '-c', 'stty cols 40; exec "$0" "$1" help', process.execPath, MAIN];
  const terminal = new Pty(t, shell, { LC_ALL: 'C' });
  const text = await terminal.shows('SIGTERM');
  t.same(
    text.split('\r\n').filter((line) => line.length > 40),
    [],
  );
});

t.test('a daemon serves, whether or not anybody reads what it says', async (t) => {
  const port = await freePort();
  const args = [
    MAIN,
    `--listen=127.0.0.1:${port}`,
    `--store=file:${await temporaryFolder(t)}`,
    '--log-level=trace',
  ];
  const daemon = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => daemon.kill('SIGKILL'));
  daemon.stdout.destroy();
  daemon.stderr.destroy();
  while ((await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined))?.status !== 200)
    await delay(50);
  const exited = once(daemon, 'exit');
  daemon.kill();
  t.same(await exited, [0, null]);
});

t.test('what cannot be written is a failure', async (t) => {
  const { url } = await startDaemon(t);
  for (const args of [['check'], ['help'], ['export', '--url', url]]) {
    const full = openSync('/dev/full', 'w');
    const program = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let said = '';
    program.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
    t.same(await once(program, 'close'), [1, null]);
    t.match(said, /^compositord: cannot write to stdout: ENOSPC\n$/, args.join(' '));
  }
});
