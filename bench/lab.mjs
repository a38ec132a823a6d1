import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Owns the processes and folders of one bench; `end` takes them all away again. */
export class Lab {
  #children = [];
  #folders = [];
  #ends = [];

  folder() {
    const folder = mkdtempSync(join(tmpdir(), 'compositord-bench-'));
    this.#folders.push(folder);
    return folder;
  }

  /**
   * The built daemon, on a free port and the store in `folder`, an empty one by default, or another; `pid`, `url` and
   * `call('memory')` of it.
   */
  async daemon(args = [], folder = this.folder(), store = `file:${join(folder, 'store')}`) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const flags = [
      `--listen=127.0.0.1:${port}`,
      `--store=${store}`,
      '--log-level=silent',
      // All clients of a benchmark have one address.
      '--limits-requests=1000000',
    ];
    // The preload answers questions about heap and event loop; nothing else of the daemon knows that it is measured.
    const nodeFlags = ['--expose-gc', '--import', here('load/daemon-probe.mjs')];
    const child = this.#own(
      spawn(process.execPath, [...nodeFlags, here('../dist/main.js'), 'serve', ...flags, ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      }),
    );
    await answers(`${url}/health/ready`, child);
    child.stdout.resume();
    return { url, port, pid: child.pid, call: callsOf(child) };
  }

  /** Ends a daemon in order: another may take its folder. */
  async stop({ pid }) {
    const child = this.#children.find((each) => each.pid === pid);
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  /** A process of ours that runs `load/<name>.mjs`. */
  worker(name) {
    const child = this.#own(
      fork(here(`load/${name}.mjs`), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    return { pid: child.pid, call: callsOf(child) };
  }

  /** Any other server; it is there when `url` answers. */
  async program(command, args, url, options = {}) {
    const child = this.#own(spawn(command, args, { stdio: 'ignore', ...options }));
    await answers(url, child);
    return { url, pid: child.pid };
  }

  #own(child) {
    this.#children.push(child);
    return child;
  }

  /** `run` is called at the end: helpers of the tests take the lab for their owner. */
  teardown(run) {
    this.#ends.push(run);
  }

  async end() {
    for (const run of this.#ends.reverse()) await run();
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(
      running.map(async (child) => {
        const gone = once(child, 'exit');
        const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
        child.kill('SIGTERM');
        await gone;
        clearTimeout(timer);
      }),
    );
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** The first of these paths that is on this machine. */
export function found(...paths) {
  return paths.find((path) => existsSync(path));
}

/** Seconds of processor time that a process has used, in user and kernel. Steps of 10 ms. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** Questions to a worker, each answered once. */
function callsOf(child) {
  let last = 0;
  const waiting = new Map();
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`a worker ended: ${code ?? signal}`));
  });
  return (method, argument) =>
    new Promise((resolve, reject) => {
      waiting.set((last += 1), { resolve, reject });
      child.send({ id: last, method, argument });
    });
}

async function answers(url, child) {
  const until = Date.now() + 20_000;
  for (;;) {
    const ok = await fetch(url).then(
      (reply) => reply.arrayBuffer().then(() => true),
      () => false,
    );
    if (ok) return;
    if (child.exitCode !== null) throw new Error(`the program of ${url} ended: ${child.exitCode}`);
    if (Date.now() > until) throw new Error(`nothing answers at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
