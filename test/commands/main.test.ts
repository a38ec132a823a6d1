import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { Program } from '../support/program.ts';
import { Pty } from '../support/pty.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const TRACE = fileURLToPath(new URL('../fixtures/geometry-os-history.jsonl.gz', import.meta.url));

const run = (t: Test, cwd: string, args: readonly string[], env: Record<string, string> = {}) =>
  new Program(t, process.execPath, [MAIN, ...args], { cwd, env });

const json = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

t.test('prints where it serves, its docs, and a line to try; SIGTERM and SIGINT end it with 0', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const daemon = await startDaemon(t);
    t.equal((await fetch(`${daemon.url}/health/ready`)).status, 200);
    t.match(await daemon.stop(signal), { code: 0, signal: null });
  }
  const cwd = await temporaryFolder(t);
  const program = run(t, cwd, ['--listen=127.0.0.1:0', '--log-level=silent']);
  const [, url] = await program.prints(/^compositord serves (http:\/\/127\.0\.0\.1:\d+)\n/);
  await program.prints(/\/map\n/);
  t.equal(
    program.stdout,
    `compositord serves ${url}\nAPI to read and try: ${url}/docs\nTry: curl -N ${url}/manifest/stream\nThe map: ${url}/map\n`,
  );
  t.equal(program.stderr, '', 'a quiet log is empty');
});

t.test('the log is JSON in a pipe, and readable on a terminal', async (t) => {
  const cwd = await temporaryFolder(t);
  const args = ['--listen=127.0.0.1:0', `--store=file:${cwd}`];
  const piped = run(t, cwd, args);
  await piped.prints(/\/map\n/);
  await piped.stop();
  for (const line of piped.stderr.trimEnd().split('\n')) t.ok(JSON.parse(line), line);
  const terminal = new Pty(t, [process.execPath, MAIN, ...args], { NO_COLOR: '1' });
  t.match(await terminal.shows('/map'), /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: /m);
  terminal.type('\x03');
  t.equal(await terminal.exited, 0);
  const forced = run(t, cwd, [...args, '--log-format=pretty']);
  await forced.prints(/\/map\n/);
  await forced.stop();
  t.match(forced.stderr, /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: /m);
});

t.test('a compositor of the flags stands in the manifest, and so does one of the file', async (t) => {
  const expected = {
    name: 'Geometry Compositor 1',
    protocol: 'http',
    address: '127.0.0.1',
    port: 5000,
    managedBy: 'compositord',
  };
  const flags = ['--name=Geometry Compositor 1', '--port=5000', '--address=127.0.0.1', '--protocol=http'];
  const byFlags = await startDaemon(t, { args: flags });
  t.match(await json(`${byFlags.url}/manifest`), {
    compositors: { 'geometry-compositor-1': { id: 'geometry-compositor-1', ...expected } },
  });
  const dir = await temporaryFolder(t);
  const section =
    'compositor1:\n  name: "Geometry Compositor 1"\n  port: 5000\n  address: 127.0.0.1\n  protocol: http\n';
  writeFileSync(join(dir, 'compositord.yaml'), section);
  const byFile = await startDaemon(t, { dir });
  t.match(await json(`${byFile.url}/manifest`), {
    compositors: { compositor1: { id: 'compositor1', ...expected } },
  });
});

t.test(
  'what keeps it from starting is one line and 1; what is wrong with its configuration is 2',
  async (t) => {
    const daemon = await startDaemon(t);
    const cwd = await temporaryFolder(t);
    const address = daemon.url.slice('http://'.length);
    const quiet = '--log-level=silent';

    const second = run(t, cwd, [`--listen=${address}`, quiet]);
    t.match(await second.exited, { code: 1 });
    t.equal(
      second.stderr,
      `compositord: another program listens on ${address} already; stop it, or choose another address with --listen\n`,
    );

    const workers = run(t, cwd, [`--listen=${address}`, '--workers=2', quiet]);
    t.match(await workers.exited, { code: 1 });
    t.equal(workers.stderr, second.stderr, 'once, whichever worker found out');

    const legacy = run(t, cwd, ['--listen=127.0.0.1:0', `--legacy-socket=${address}`, quiet]);
    t.match(await legacy.exited, { code: 1 });
    t.match(legacy.stderr, `${address} already; stop it, or choose another address with --legacy-socket\n`);

    writeFileSync(join(cwd, 'file'), '');
    const noFolder = run(t, cwd, ['--listen=127.0.0.1:0', '--store=file:file', quiet]);
    t.match(await noFolder.exited, { code: 1 });
    t.match(noFolder.stderr, /^compositord: [^\n]+\n$/);

    const wrong = run(t, cwd, ['--listen=nowhere'], { COMPOSITORD_LISTN: 'x' });
    t.match(await wrong.exited, { code: 2 });
    t.match(
      wrong.stderr,
      /^COMPOSITORD_LISTN: unknown variable\. Did you mean COMPOSITORD_LISTEN\?\n--listen: listen must be /,
    );
  },
);

t.test('a second signal ends it at once', async (t) => {
  const daemon = await startDaemon(t, { args: ['--shutdown-grace=60'] });
  // A request that never ends: the daemon would wait for it.
  const socket = connect(daemon.port, '127.0.0.1');
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  socket.write('PUT /compositors/a HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n');
  socket.write('content-type: application/json\r\ncontent-length: 1000\r\n\r\n');
  // It asks for the body: so the request is in flight.
  await once(socket, 'data');
  daemon.signal('SIGTERM');
  await refused(daemon.port);
  t.match(await daemon.stop('SIGTERM'), { code: 1 });
  t.match(daemon.stderr, /second SIGTERM, exiting/);
});

/** Until nobody listens there any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!open) return;
  }
}

t.test('replay plays the real trace into a real daemon, and ends with 0 on Ctrl-C', async (t) => {
  const daemon = await startDaemon(t, { args: ['--log-level=warn'] });
  const replay = run(t, daemon.dir, ['replay', TRACE, '--url', daemon.url, '--leave']);
  await replay.prints(
    /^1254 lines of 24 compositors, 6518 tiles set, 865 removed, .*cursor \d+-[0-9a-f]{8}\n/,
    90_000,
  );
  t.equal(Object.keys(await json(`${daemon.url}/manifest/tiles`)).length, 3924);
  t.match(await replay.stop('SIGINT'), { code: 0 });
  t.same(await json(`${daemon.url}/manifest/tiles`), {}, '--leave took everything away');
  t.match(replay.stderr, /^100 % 1254\/1254 lines/m);
});

t.test('--demo publishes, and SIGTERM ends it like any other', async (t) => {
  const daemon = await startDaemon(t, { args: ['--demo'] });
  // 24 registrations come first; the wait for what follows is the daemon's own.
  let since = '0-00000000';
  for (let tiles = 0; tiles === 0;) {
    const changes = await fetch(`${daemon.url}/manifest/changes?since=${since}&wait=10`);
    if (changes.status !== 200) throw new Error(await changes.text());
    since = changes.headers.get('manifest-cursor') ?? since;
    tiles = Object.keys(((await changes.json()) as { tiles: object }).tiles).length;
  }
  t.match(await daemon.stop(), { code: 0 });
  t.notMatch(daemon.stderr, /"msg":"request"/, 'they would push the address of the map away');
});

// 3,700 lines in twelve minutes stood between a newcomer and the address of the map.
t.test('--demo logs its requests where somebody asks for them', async (t) => {
  const daemon = await startDaemon(t, { args: ['--demo'], env: { COMPOSITORD_LOG_LEVEL: 'info' } });
  await daemon.stop();
  const lines = daemon.stderr.trimEnd().split('\n');
  const requests = lines.map((line) => JSON.parse(line) as { msg: string; status?: number });
  t.ok(requests.some(({ msg }) => msg === 'request'));
  t.notOk(
    requests.some(({ status }) => status === 404),
    'it asks for no compositor that is not there',
  );
});

t.test('a closed pipe is no failure', async (t) => {
  const cwd = await temporaryFolder(t);
  const shell = new Program(t, 'sh', ['-c', `"$0" "$1" check | head -n 1`, process.execPath, MAIN], { cwd });
  t.match(await shell.exited, { code: 0 });
  t.match(shell.stdout, /^ {2}name +compositord +default\n$/);
  t.equal(shell.stderr, '');
});
