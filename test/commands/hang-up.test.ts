// A window that was closed left `npm start` behind, unseen; and a console (or watch) that Node 20 let spin for ever, since it
// cannot give back a terminal that is gone.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from '../support/program.ts';

/** Python has what Node has not: a terminal of its own making. It hangs up once it has seen a text, and says how the command ended. */
const HANG_UP = `
import os, pty, sys
child, master = pty.fork()
if child == 0: os.execv(sys.argv[2], sys.argv[2:])
seen = b""
while sys.argv[1].encode() not in seen: seen += os.read(master, 1000)
os.close(master)
print("ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

async function hungUp(t: Test, shown: string, args: readonly string[]): Promise<void> {
  const cwd = await temporaryFolder(t);
  const python = new Program(t, 'python3', ['-c', HANG_UP, shown, process.execPath, MAIN, ...args], { cwd });
  await python.prints(/^ended with -?\d+$/m);
  t.match(python.stdout, /^ended with \d+$/m, `${args[0]} ends, by no signal`);
}

t.test('a terminal that goes away ends the daemon, and does not reload it', async (t) => {
  const store = `file:${join(await temporaryFolder(t), 'store')}`;
  await hungUp(t, 'manifest/stream', ['serve', `--listen=127.0.0.1:${await freePort()}`, `--store=${store}`]);
});

t.test('it ends the console and watch, too', async (t) => {
  const { url } = await startDaemon(t);
  await hungUp(t, '> ', ['console', '--url', url]);
  await hungUp(t, 'compositors', ['watch', '--url', url]);
});
