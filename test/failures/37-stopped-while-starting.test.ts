// FAILURES 37. A daemon that is told to end while it starts ends at once with 0, also as number 1 of a container, which ignores a signal that it
// has no handler for; and a SIGHUP of that time is kept. Its store says nothing, so that it starts for longer than a second.
import { once } from 'node:events';
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { MAIN, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { AS_NUMBER_ONE, handlesSignals, numberOneOf } from '../support/number-one.ts';
import { Program } from '../support/program.ts';

/** Milliseconds for the end of a process on a busy machine; a container is killed after 10,000. */
const AT_ONCE = 1500;

/** The address of a store that takes connections and says nothing. */
async function silentStore(t: Test): Promise<string> {
  const port = await freePort();
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `redis://127.0.0.1:${port}`;
}

async function start(t: Test, { through = [] as string[], args = [] as string[] } = {}): Promise<Program> {
  const store = `--store=${await silentStore(t)}`;
  const listen = `--listen=127.0.0.1:${await freePort()}`;
  const [command = '', ...words] = [...through, process.execPath, MAIN, listen, store, ...args];
  return new Program(t, command, words, { cwd: await temporaryFolder(t) });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  for (const [how, args] of [
    ['alone', []],
    ['with workers', ['--workers=2']],
  ] as const)
    t.test(`${signal}, ${how}`, async (t) => {
      const program = await start(t, { args: [...args] });
      await handlesSignals(program.pid);
      const sent = performance.now();
      program.signal(signal);
      t.match(await program.exited, { code: 0, signal: null });
      t.ok(performance.now() - sent < AT_ONCE, `${performance.now() - sent} ms`);
      t.equal(program.stdout, '', 'it never served');
    });

t.test('as number 1 of a container', async (t) => {
  const program = await start(t, { through: AS_NUMBER_ONE });
  const pid = await numberOneOf(program.pid);
  await handlesSignals(pid);
  const sent = performance.now();
  process.kill(pid, 'SIGTERM');
  t.match(await program.exited, { code: 0, signal: null });
  t.ok(performance.now() - sent < AT_ONCE, `${performance.now() - sent} ms`);
});

for (const [how, args] of [
  ['alone', []],
  ['with workers', ['--workers=2']],
] as const)
  t.test(`SIGHUP is kept until there is something to reload, ${how}`, async (t) => {
    const program = await start(t, { args: [...args] });
    await handlesSignals(program.pid);
    program.signal('SIGHUP');
    t.equal(program.stdout, '', 'it does not serve yet');
    await program.prints(/serves/);
    await program.complains(/the configuration was reloaded/);
    t.match(await program.stop(), { code: 0 });
  });

t.test('another command that is interrupted has not done its work', async (t) => {
  const cwd = await temporaryFolder(t);
  const program = new Program(t, process.execPath, [MAIN, 'verify', '--url', await silentStore(t)], { cwd });
  program.signal('SIGTERM');
  t.notMatch(await program.exited, { code: 0 });
});
