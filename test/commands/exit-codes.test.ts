// `replay` that was interrupted said 0, and others 1, as if they had failed.
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { MAIN, startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';

/** Takes connections, and says nothing. */
const mute = createServer();
mute.on('connection', (socket) => socket.on('error', () => undefined));
mute.listen(0, '127.0.0.1');
await once(mute, 'listening');
t.teardown(() => mute.close());
const silent = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
const daemon = await startDaemon(t);
const folder = t.testdir({
  'tiles.json': '{"0,0":{"brick":"a","timestamp":1}}',
  'trace.jsonl':
    '{"at":1,"compositor":"a","tiles":{}}\n{"at":2,"compositor":"a","tiles":{"0,0":{"brick":"b"}}}',
});

const start = (...args: string[]) => new Program(t, process.execPath, [MAIN, ...args], { cwd: folder });

t.test('what a signal ends before it is done: 130 or 143', async (t) => {
  // One after the other: a connection is then that of the last one, which has its handlers by now.
  for (const [signal, code, ...args] of [
    ['SIGINT', 130, 'export', '--url', silent],
    ['SIGINT', 130, 'import', 'tiles.json', '--url', silent],
    ['SIGINT', 130, 'backup', 'map.gz', '--url', silent],
    ['SIGINT', 130, 'watch', '--count', '1', '--url', silent],
    ['SIGTERM', 143, 'export', '--out', 'out.json', '--url', silent],
  ] as const) {
    const connected = once(mute, 'connection');
    const program = start(...args);
    await connected;
    t.match(await program.stop(signal), { code, signal: null }, `${args.join(' ')}: ${signal}`);
  }
});

t.test('a replay: 130 before the last line, 0 afterwards', async (t) => {
  const slow = start('replay', 'trace.jsonl', '--url', daemon.url, '--rate', '0.0001');
  const isThere = async () => (await send('GET', `${daemon.url}/compositors/a`)).status === 200;
  await eventually(isThere, 'its compositor');
  t.match(await slow.stop('SIGINT'), { code: 130 });
  t.match(slow.stderr, /^interrupted before the last line$/m);
  const whole = start('replay', 'trace.jsonl', '--url', daemon.url);
  await whole.complains(/Ctrl-C ends it/);
  t.match(await whole.stop('SIGINT'), { code: 0 });
});

t.test('verify proves nothing then, and watch has no other end', async (t) => {
  const verify = start('verify', daemon.url, '--seconds', '600', '--json');
  const watch = start('watch', '--url', daemon.url);
  await watch.prints(/verify-/, 60_000);
  t.match(await verify.stop('SIGINT'), { code: 130 });
  t.match(await watch.stop('SIGINT'), { code: 0 });
});

t.test('the table of the docs has them, and every command', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/terminal.md'), 'utf8');
  for (const code of [0, 1, 2, 130, 143]) t.match(page, new RegExp(`^\\| \`${code}\` +\\|`, 'm'));
  const help = start('help');
  await help.exited;
  const commands = [...help.stdout.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map(([, name]) => name!);
  t.ok(commands.length >= 15);
  for (const name of commands) t.ok(page.includes(`\`${name}\``), name);
});
