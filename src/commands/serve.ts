import { stderrDestination } from '../adapters/log-destination.ts';
import { ServiceManager } from '../adapters/service-manager.ts';
import type { App } from '../app.ts';
import type { Config } from '../config/config.ts';
import type { Flags } from '../config/from-flags.ts';
import type { ConfigSources } from '../config/load-config.ts';
import { ProcessIdTaken } from '../domain/process-id-taken.ts';
import { CommandError, type Command } from './command.ts';
import { CONFIG_GROUPS, requireConfig } from './config-flags.ts';
import { ConfigReloader } from './config-reloader.ts';
import { pause } from './http-client.ts';
import { startError } from './start-error.ts';
import type { Terminal } from './terminal.ts';
import { workerCount } from './workers/worker-count.ts';
import { WORKER_VARIABLE } from './workers/worker-variable.ts';

/** Milliseconds that the greeting waits for the compositors of the demo. */
const LONGEST_JOIN = 5000;

export const serve: Command = {
  name: 'serve',
  summary: 'Run the daemon (the default command).',
  about: `Runs the daemon until SIGTERM or Ctrl-C. Prints its address to stdout and its log to stderr, as JSON unless that is a
terminal. Reloads its configuration on SIGHUP, and when one of its files changes.`,
  flags: [
    { name: 'demo', text: 'Replay a recorded trace for ever, as its 24 compositors; with one worker.' },
  ],
  groups: CONFIG_GROUPS,
  after: `Examples
  compositord --listen=127.0.0.1:8760 --store=file:./data
  compositord --name="Geometry Compositor 1" --port=5000 --address=127.0.0.1 --protocol=http`,
  run: async ({ flags }, terminal) => {
    const sources = sourcesOf(flags, terminal);
    const loaded = requireConfig(sources);
    const { settings } = loaded.config;
    const place = terminal.env[WORKER_VARIABLE];
    if (place !== undefined) {
      const { runWorker } = await import('./workers/run-worker.ts');
      return runWorker({ place, loaded, sources, terminal });
    }
    const manager = new ServiceManager(terminal.env);
    // The token of the demo is known to one process only.
    const count = flags['demo'] ? 1 : workerCount(settings.workers);
    const inWorkers = async () => {
      const { runWorkers } = await import('./workers/run-workers.ts');
      const onReady = (url: string) => void greet(url, terminal);
      return runWorkers({ count, settings, terminal, manager, onReady });
    };
    if (count > 1) return inWorkers();
    const started = await start(loaded.config, terminal.env['NODE_OPTIONS']);
    // A worker is a process of its own, with another id.
    if (started instanceof ProcessIdTaken) {
      if (flags['demo']) throw new CommandError(started.message);
      return inWorkers();
    }
    const { app, url } = started;
    const reloader = new ConfigReloader({ app, sources, loaded });
    const demo = new AbortController();
    let playing = Promise.resolve();
    const status = `serves ${url}`;
    const close = async () => {
      manager.stopping();
      demo.abort();
      await reloader.stop();
      await Promise.all([playing, app.close()]);
    };
    const reload = () => manager.whileReloading(status, () => reloader.reload());
    terminal.onStop(settings.shutdown.grace, close, () => void reload());
    reloader.start();
    manager.ready(status);
    manager.watch(() => true);
    if (flags['demo']) {
      const { playForEver } = await import('./demo.ts');
      const token = app.tokens.issue('demo', ['read', 'write']);
      // Their registrations are lines of the log, which would push away the address of the map.
      const joined = new Promise<void>((resolve) => {
        playing = playForEver({ url, signal: demo.signal, token, log: app.server.log, onJoined: resolve });
      });
      await Promise.race([joined, pause(LONGEST_JOIN, demo.signal)]);
    }
    await greet(url, terminal, flags['demo'] !== undefined);
    return undefined;
  },
};

/** The demo writes all the time: unless somebody asks for them, its requests have no lines, which would push away where the map is. */
function sourcesOf(flags: Flags, { env, readFile }: Terminal): ConfigSources {
  const given = { flags, env, readFile };
  if (!flags['demo'] || requireConfig(given).origins.settings.get('log.level') !== 'default') return given;
  return { ...given, flags: { ...flags, 'log-level': ['warn'] } };
}

async function start(
  config: Config,
  nodeOptions: string | undefined,
): Promise<{ app: App; url: string } | ProcessIdTaken> {
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
    if (error instanceof ProcessIdTaken) return error;
    throw startError(error, config.settings);
  }
}

/** Says where it serves. The map comes last: that is what a person looks for, just above the log of what comes then. */
async function greet(url: string, terminal: Terminal, withDemo = false): Promise<void> {
  const base = url.replace(/\/$/, '');
  const demo = withDemo ? 'The demo replays a recorded trace, for ever.\n' : '';
  // The log is on the same terminal: its first lines would come in between.
  if (terminal.isTTY) await stderrDestination().drained();
  terminal.stdout(`compositord serves ${base}
API to read and try: ${base}/docs
Try: curl -N ${base}/manifest/stream
${demo}The map: ${terminal.colour('green', `${base}/map`)}
`);
}
