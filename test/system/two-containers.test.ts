// What went wrong: the first process of every container has the id 1, and LMDB tells the processes on a folder apart by their ids. The second
// container on a volume ended with an error of our own code. Only root can make process ids of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { MAIN, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';

/** As a container does it: the daemon is process 1 of its own. */
const ISOLATED = ['--pid', '--fork', '--kill-child'];

interface Container {
  readonly url: string;
  /** Sends the signal to the daemon, and waits for the end of its container. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

async function start(t: Test, dir: string, port: number, workers: number): Promise<Container> {
  const args = [`--listen=127.0.0.1:${port}`, `--store=file:${join(dir, 'store')}`, `--workers=${workers}`];
  const program = new Program(t, 'unshare', [...ISOLATED, process.execPath, MAIN, 'serve', ...args], {
    cwd: dir,
  });
  await program.prints(/compositord serves/, 45_000);
  const [daemon] = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8').split(' ');
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async (signal) => {
      process.kill(Number(daemon), signal);
      await program.exited;
    },
  };
}

const isolates = spawnSync('unshare', [...ISOLATED, 'true']).status === 0;

for (const workers of [1, 2])
  if (!isolates) t.pass('nobody but root can make process ids of its own: two containers were not tried');
  else
    t.test(`two containers on one volume, ${workers} workers each`, { timeout: 110_000 }, async (t) => {
      const dir = await temporaryFolder(t);
      const ports = [await freePort(), await freePort()] as const;
      let first = await start(t, dir, ports[0], workers);
      const second = await start(t, dir, ports[1], workers);
      const write = async ({ url }: Container, key: string) => {
        const patch = await send('PATCH', `${url}/compositors/wall/tiles`, { [key]: { brick: 'b' } });
        t.equal(patch.status, 200, key);
        return patch.body.cursor as string;
      };
      const holds = async ({ url }: Container, cursor: string, keys: string[]) => {
        const { body } = await send('GET', `${url}/manifest?atLeast=${cursor}`);
        t.same(Object.keys(body.tiles as object).sort(), keys);
      };
      t.equal((await send('PUT', `${first.url}/compositors/wall`, { name: 'wall', ttl: 3600 })).status, 201);
      await holds(second, await write(first, '1,0'), ['1,0']);
      await holds(first, await write(second, '2,0'), ['1,0', '2,0']);
      await first.stop('SIGTERM');
      await write(second, '3,0');
      first = await start(t, dir, ports[0], workers);
      await holds(first, await write(second, '4,0'), ['1,0', '2,0', '3,0', '4,0']);
      await first.stop('SIGKILL');
      await write(second, '5,0');
      first = await start(t, dir, ports[0], workers);
      await holds(second, await write(first, '6,0'), ['1,0', '2,0', '3,0', '4,0', '5,0', '6,0']);
    });
