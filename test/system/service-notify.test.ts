// What systemd hears of a daemon with workers, by its own program and a real socket: it is ready again when every worker has reloaded, and
// no sign of life comes while one of them hangs.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { Program } from '../support/program.ts';
import { isAlive, logOf, processes } from './worker-processes.ts';

/** Prints each message that comes, in one line: Node has no such sockets. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True: print(s.recv(4096).decode().strip().replace('\\n', ' '), flush=True)
`;
/** Milliseconds between two signs of life. */
const INTERVAL = 100;

t.test('ready, reloading, alive, hanging, ending', { timeout: 240_000 }, async (t) => {
  const dir = await temporaryFolder(t);
  const path = join(dir, 'notify');
  const receiver = new Program(t, 'python3', ['-c', RECEIVER, path]);
  await receiver.prints(/bound/);
  await chmod(path, 0o777);
  const all = () => receiver.stdout.split('\n').slice(1, -1);
  // With each message systemd's program waits until it was taken.
  const heard = () => all().filter((line) => line !== 'BARRIER=1');
  const words = () => heard().filter((line) => line !== 'WATCHDOG=1');
  const signs = () => heard().length - words().length;
  const config = join(dir, 'compositord.yaml');
  await writeFile(config, 'daemon: { log.level: info }\n');

  const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: String(2 * INTERVAL * 1000) };
  const daemon = await startDaemon(t, { dir, args: ['--workers=2'], env });
  await eventually(() => words().length === 1, 'it is ready', 60_000);
  t.match(words(), [/^READY=1 STATUS=serves http:\S+ with 2 workers$/]);
  await eventually(() => signs() > 3, 'signs of life', 60_000);

  const reloaded = () =>
    logOf(daemon).filter(({ msg }) => /configuration was (not )?reloaded/.test(String(msg)));
  const before = reloaded().length;
  await writeFile(config, 'daemon: { lisen: x }\n');
  daemon.signal('SIGHUP');
  await eventually(() => words().length >= 3, 'it is ready again', 60_000);
  t.match(words().slice(1), [/^RELOADING=1 MONOTONIC_USEC=\d+$/, /^READY=1 /]);
  t.ok(reloaded().length >= before + 2, 'each worker has looked at the configuration by then');

  const [hanging] = processes(daemon).values();
  // One that stands still does not end.
  t.teardown(() => isAlive(hanging!) && process.kill(hanging!, 'SIGCONT'));
  process.kill(hanging!, 'SIGSTOP');
  // One may be on its way.
  let last = -1;
  await eventually(
    async () => {
      last = signs();
      await delay(20 * INTERVAL);
      return signs() === last;
    },
    'no sign of life any more',
    60_000,
  );
  process.kill(hanging!, 'SIGCONT');
  await eventually(() => signs() > last + 1, 'signs of life again', 60_000);
  await daemon.stop();
  t.match(words().at(-1), /^STOPPING=1 /);
});
