import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

/** Ends the server: a tap test, or anything else with a teardown. */
interface Owner {
  teardown(run: () => unknown): void;
}

export interface RedisServerOptions {
  /** More of what redis-server's command line takes: `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
  /** Its folder; one of its own, removed in the end, when left out. */
  readonly dir?: string;
  readonly port?: number;
  /** What `client()` logs in with. */
  readonly password?: string;
  /** Another program than redis-server, or than what REDIS_SERVER names. */
  readonly program?: string;
  /** It speaks TLS alone: that it is there is all that can be said of it. */
  readonly overTls?: boolean;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Of a node of a cluster: where other nodes reach it. */
  readonly busPort: number;
  /** Resolves when the process has ended; SIGTERM (Redis then saves what it is set to save) when left out. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** The process stands still, its connections stay. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on its port and folder, after `stop`; with other arguments when given. */
  restart(args?: readonly string[]): Promise<void>;
  /** A plain client for the test's own commands, closed with the owner. */
  client(): Redis;
}

/** Milliseconds for a server to come up on a busy machine. */
const CEILING = 30_000;

/** A real redis-server on a free port, without persistence unless `args` ask for it. */
export async function startRedis(t: Owner, options: RedisServerOptions = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'compositord-redis-')));
  const port = options.port ?? (await freePort());
  const clients: Redis[] = [];
  // By default 10,000 above the other, among the ports that the kernel gives to connections.
  const busPort = await freePort();
  const withBus = (args: readonly string[] = []) =>
    args.includes('--cluster-enabled') ? [...args, '--cluster-port', String(busPort)] : args;
  let args = withBus(options.args);
  const { program = process.env['REDIS_SERVER'] ?? 'redis-server', overTls = false } = options;
  const start = () => run({ program, port, dir, args, overTls });
  let child = await start();

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // A stopped process takes no other signal than this one and SIGKILL.
    child.kill('SIGCONT');
    await ended;
  };
  t.teardown(async () => {
    for (const client of clients) client.disconnect();
    await stop('SIGKILL');
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    busPort,
    get pid() {
      return child.pid!;
    },
    stop,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async restart(newArgs) {
      args = newArgs ? withBus(newArgs) : args;
      child = await start();
    },
    client() {
      const client = new Redis({
        host: '127.0.0.1',
        port,
        protocol: 2,
        ...(options.password !== undefined && { password: options.password }),
      });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
  };
}

interface Run {
  readonly program: string;
  readonly port: number;
  readonly dir: string;
  readonly args: readonly string[];
  readonly overTls: boolean;
}

async function run({ program, port, dir, args, overTls }: Run): Promise<ChildProcess> {
  const basics = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--logfile',
    'redis.log',
  ];
  const sentinel = args.includes('--sentinel');
  const child = spawn(program, sentinel ? [...args] : [...basics, ...args], { stdio: 'ignore' });
  let failure: unknown;
  child.on('error', (error) => (failure = error));
  const deadline = Date.now() + CEILING;
  while (!(await answers(port, overTls))) {
    if (failure !== undefined) throw new Error(`${program} does not start`, { cause: failure });
    if (child.exitCode !== null || Date.now() > deadline) {
      const log = await readFile(join(dir, 'redis.log'), 'utf8').catch(() => 'no log');
      throw new Error(`${program} does not come up on ${port}:\n${log.slice(-2000)}`);
    }
    await setTimeout(10);
  }
  return child;
}

/** Whether a server answers there; one that is still loading its file does not count. */
async function answers(port: number, overTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      if (overTls) {
        resolve(true);
        socket.destroy();
      } else socket.write('PING\r\n');
    });
    socket.on('data', (data) => {
      resolve(!data.toString().startsWith('-LOADING'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}
