import type { App } from '../app.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/problem.ts';
import { FAILED, USAGE, type Command } from './command.ts';
import { CONFIG_FLAGS, configFlagsHelp } from './config-flags.ts';
import { playForEver } from './demo.ts';
import { Reloading } from './reloading.ts';
import { startTrouble } from './start-trouble.ts';
import type { Terminal } from './terminal.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Run the daemon (what it does without a command).',
  help: `Usage: compositord [serve] [flags]

Runs the daemon until SIGTERM or Ctrl-C. Prints where it serves; its log is JSON on stderr. On SIGHUP, and when one of
its files changed, it reads its configuration again.

  --demo                 Play a real trace for ever, as its 24 compositors.

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
    const loaded = loadConfig(sources);
    if ('problems' in loaded) {
      terminal.stderr(loaded.problems.map((problem) => `${formatProblem(problem)}\n`).join(''));
      return USAGE;
    }
    const { config } = loaded;
    const started = await start(config, terminal);
    if (!started) return FAILED;
    const { app, url } = started;
    const reloading = new Reloading({ app, sources, loaded });

    const demo = new AbortController();
    let playing = Promise.resolve();
    const close = async () => {
      demo.abort();
      await reloading.stop();
      await Promise.all([playing, app.close()]);
    };
    terminal.onStop(config.settings.shutdown.grace, close, () => reloading.reload());
    reloading.start();
    terminal.stdout(greeting(url));
    if (flags['demo']) {
      const token = app.tokens.issue('demo', ['write']);
      playing = playForEver({ url, signal: demo.signal, token, say: terminal.stderr });
    }
    return undefined;
  },
};

async function start(config: Config, terminal: Terminal): Promise<{ app: App; url: string } | undefined> {
  const { settings } = config;
  let app: App | undefined;
  try {
    // Here, so that --help and check do not load the whole daemon.
    const { createApp } = await import('../app.ts');
    app = await createApp(config);
    return { app, url: await app.listen() };
  } catch (error) {
    await app?.close();
    const trouble = startTrouble(error, settings);
    if (trouble === undefined) throw error;
    terminal.stderr(`compositord: ${trouble}\n`);
    return undefined;
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
