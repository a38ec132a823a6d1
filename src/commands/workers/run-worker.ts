import type { App } from '../../app.ts';
import type { ConfigSources } from '../../config/load-config.ts';
import { ProcessIdTaken } from '../../domain/process-id-taken.ts';
import { CommandError, FAILED, OK } from '../command.ts';
import type { ValidConfig } from '../config-flags.ts';
import { ConfigReloader } from '../config-reloader.ts';
import { startError } from '../start-error.ts';
import type { Terminal } from '../terminal.ts';
import { WorkerProcess } from './worker-process.ts';

export interface RunWorkerOptions {
  /** Which of how many this is: `2/4`. */
  readonly place: string;
  readonly loaded: ValidConfig;
  readonly sources: ConfigSources;
  readonly terminal: Terminal;
}

/** One worker, from its start to the order to stop. Resolves to the exit code. */
export async function runWorker({ place, loaded, sources, terminal }: RunWorkerOptions): Promise<number> {
  const { settings } = loaded.config;
  const worker = new WorkerProcess(place);
  let app: App | undefined;
  let reloader: ConfigReloader | undefined;
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    await reloader?.stop();
    await app?.close();
  };
  // The primary orders it, and on a terminal Ctrl-C comes to this process, too.
  const close = () => (closing ??= closeAll());
  let serves: () => void = () => undefined;
  const serving = new Promise<void>((resolve) => (serves = resolve));
  const reload = async () => {
    await serving;
    await reloader?.reload();
  };
  let stop: (code: number) => void = () => undefined;
  const stopped = new Promise<number>((resolve) => (stop = resolve));
  const mayListen = new Promise<undefined>((resolve) => {
    worker.obey({
      listen: () => resolve(undefined),
      reload,
      stop: () => void close().finally(() => stop(OK)),
    });
  });
  const serve = async () => {
    const { createApp } = await import('../../app.ts');
    app = await createApp(loaded.config, { nodeOptions: terminal.env['NODE_OPTIONS'], worker });
    terminal.onStop(settings.shutdown.grace, close, () => void reload());
    await worker.send({ kind: 'loaded' });
    await mayListen;
    const url = await app.listen();
    app.warmUp();
    reloader = new ConfigReloader({ app, sources, loaded });
    reloader.start();
    serves();
    await worker.send({ kind: 'serving', url });
    return stopped;
  };
  try {
    return await Promise.race([serve(), stopped]);
  } catch (error) {
    await app?.close();
    const known = startError(error, settings);
    if (known instanceof ProcessIdTaken) {
      await worker.send({ kind: 'process-id-taken', message: known.message });
      return FAILED;
    }
    if (!(known instanceof CommandError)) throw known;
    // The primary prints it, once for all.
    await worker.send({ kind: 'failed', message: known.message });
    return FAILED;
  }
}
