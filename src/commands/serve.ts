import type { App } from '../app.ts';
import type { Config } from '../config/config.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAGS, configFlagsHelp, requireConfig } from './config-flags.ts';
import { ConfigReloader } from './config-reloader.ts';
import { startError } from './start-error.ts';
import { workerCount } from './workers/worker-count.ts';
import { WORKER_VARIABLE } from './workers/worker-variable.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Run the daemon (the default command).',
  help: `Usage: compositord [serve] [flags]

Runs the daemon until SIGTERM or Ctrl-C. Prints its address to stdout and its log to stderr, as JSON unless that is a
terminal. Reloads its configuration on SIGHUP, and when one of its files changes.

  --demo                 Replay a recorded trace for ever, as its 24 compositors; with one worker.

${configFlagsHelp()}
Examples
  compositord --listen=127.0.0.1:8760 --store=file:./data
  compositord --name="Geometry Compositor 1" --port=5000 --address=127.0.0.1 --protocol=http
`,
  values: CONFIG_FLAGS,
  switches: ['demo'],
  operands: 0,
  run: async ({ flags }, terminal) => {
    const sources = { flags, env: terminal.env, readFile: terminal.readFile };
    const loaded = requireConfig(sources);
    const { settings } = loaded.config;
    const place = terminal.env[WORKER_VARIABLE];
    if (place !== undefined) {
      const { runWorker } = await import('./workers/run-worker.ts');
      return runWorker({ place, loaded, sources, terminal });
    }
    // The token of the demo is known to one process only.
    const count = flags['demo'] ? 1 : workerCount(settings.workers);
    if (count > 1) {
      const { runWorkers } = await import('./workers/run-workers.ts');
      return runWorkers({ count, settings, terminal, onReady: (url) => terminal.stdout(greeting(url)) });
    }
    const { app, url } = await start(loaded.config, terminal.env['NODE_OPTIONS']);
    const reloader = new ConfigReloader({ app, sources, loaded });
    const demo = new AbortController();
    let playing = Promise.resolve();
    const close = async () => {
      demo.abort();
      await reloader.stop();
      await Promise.all([playing, app.close()]);
    };
    terminal.onStop(settings.shutdown.grace, close, () => reloader.reload());
    reloader.start();
    terminal.stdout(greeting(url));
    if (flags['demo']) {
      const { playForEver } = await import('./demo.ts');
      const token = app.tokens.issue('demo', ['write']);
      playing = playForEver({ url, signal: demo.signal, token, print: terminal.stderr });
    }
    return undefined;
  },
};

async function start(config: Config, nodeOptions: string | undefined): Promise<{ app: App; url: string }> {
  let app: App | undefined;
  try {
    // Imported only here: --help and check must not load the whole daemon.
    const { createApp } = await import('../app.ts');
    app = await createApp(config, { nodeOptions });
    const url = await app.listen();
    app.warmUp();
    return { app, url };
  } catch (error) {
    await app?.close();
    throw startError(error, config.settings);
  }
}

function greeting(url: string): string {
  const base = url.replace(/\/$/, '');
  return `compositord serves ${base}
The map: ${base}/map
API to read and try: ${base}/docs
Try: curl -N ${base}/manifest/stream
`;
}
