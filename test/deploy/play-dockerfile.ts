import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Copy, Stage } from './dockerfile-steps.ts';

export interface PlayOptions {
  /** The project's folder. */
  readonly context: string;
  /** Where the stages' file systems go; their base images are the machine itself. */
  readonly into: string;
}

/**
 * Does by hand what `docker build` would do with these stages: each `COPY` between folders, each `RUN` in a shell, in the
 * folder of its `WORKDIR`. Resolves to the root of the last stage. Owners are left to the caller.
 */
export async function playDockerfile(stages: readonly Stage[], options: PlayOptions): Promise<string> {
  const context = join(options.into, 'context');
  await copyContext(options.context, context);
  const rootOf = (name: string) => join(options.into, `stage-${name}`);
  for (const stage of stages) {
    const root = rootOf(stage.name);
    for (const step of stage.steps) {
      await mkdir(join(root, step.workdir), { recursive: true });
      if (step.kind === 'run') await run(step.command, join(root, step.workdir));
      else await copy(step, step.from === undefined ? context : rootOf(step.from), root, step.workdir);
    }
    await mkdir(join(root, stage.workdir), { recursive: true });
  }
  return rootOf(stages.at(-1)!.name);
}

/** What .dockerignore lets through. Ours refuses everything and then names what it wants; any other line throws. */
async function copyContext(from: string, to: string): Promise<void> {
  const lines = (await readFile(join(from, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...rest] = lines;
  if (first !== '*' || rest.some((line) => !/^![\w./-]+$/.test(line)))
    throw new Error('.dockerignore is no list of what is wanted');
  for (const line of rest) {
    const path = line.slice(1);
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(from, path), join(to, path), { recursive: true });
  }
}

async function copy(step: Copy, from: string, root: string, workdir: string): Promise<void> {
  const target = step.target.startsWith('/') ? join(root, step.target) : join(root, workdir, step.target);
  const intoFolder = step.target.endsWith('/') || step.sources.length > 1;
  for (const source of step.sources) {
    const path = join(from, source);
    // As Docker does it: of a folder its content, of a file itself.
    const isFolder = (await stat(path)).isDirectory();
    const place = intoFolder && !isFolder ? join(target, basename(source)) : target;
    await mkdir(dirname(place), { recursive: true });
    await cp(path, place, { recursive: true, verbatimSymlinks: true });
  }
}

async function run(command: string, cwd: string): Promise<void> {
  const { PATH, HOME } = process.env;
  // An image has no configuration but its own; the cache spares a download for each run of the tests.
  const env = { PATH, HOME, npm_config_prefer_offline: 'true', npm_config_update_notifier: 'false' };
  const shell = spawn('sh', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(shell, 'close')) as [number | null];
  if (code !== 0) throw new Error(`RUN ${command} exited with ${code}:\n${output}`);
}
