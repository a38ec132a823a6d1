import cluster from 'node:cluster';
import { getHeapStatistics } from 'node:v8';
import { hasHeapFlag } from '../../adapters/heap-guard.ts';
import type { ServiceManager } from '../../adapters/service-manager.ts';
import type { Settings } from '../../config/config.ts';
import { createLogger } from '../../logger.ts';
import { CommandError, FAILED } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { Primary } from './primary.ts';
import { availableMemory, heapOfWorker } from './worker-count.ts';
import { WORKER_VARIABLE } from './worker-variable.ts';

/** Runs `count` workers, each the same command in a process of its own. Resolves to the exit code. */
export async function runWorkers(options: {
  count: number;
  settings: Settings;
  terminal: Terminal;
  manager: ServiceManager;
  onReady: (url: string) => void;
}): Promise<number> {
  const { count, settings, terminal, manager, onReady } = options;
  const heap = heapFor(count, terminal.env['NODE_OPTIONS']);
  cluster.setupPrimary({
    execArgv: [...process.execArgv, ...(heap === undefined ? [] : [`--max-old-space-size=${heap}`])],
  });
  let complaint: string | undefined;
  /** Once all of them serve. */
  let status: string | undefined;
  const primary = new Primary({
    count,
    fork: (number) => cluster.fork({ [WORKER_VARIABLE]: `${number}/${count}` }),
    onReady: (url) => {
      status = `serves ${url} with ${count} workers`;
      onReady(url);
      manager.ready(status);
      manager.watch(() => primary.allAnswered());
    },
    complain: (line) => (complaint ??= line),
    log: createLogger(settings.log),
  });
  // A second signal, or the end of the grace.
  process.once('exit', () => primary.kill());
  terminal.onStop(
    settings.shutdown.grace,
    async () => {
      manager.stopping();
      await primary.stop();
    },
    () => {
      const reload = () => primary.reload();
      // What starts is not ready yet, and says so itself.
      void (status === undefined ? reload() : manager.whileReloading(status, reload));
    },
  );
  const code = await primary.run();
  if (complaint !== undefined) throw new CommandError(complaint);
  return code === 0 ? code : FAILED;
}

/** Each would take the heap that V8 gives a process that is alone. */
function heapFor(count: number, nodeOptions = ''): number | undefined {
  if (hasHeapFlag([...process.execArgv, nodeOptions])) return undefined;
  return heapOfWorker(count, availableMemory(), getHeapStatistics().heap_size_limit);
}
