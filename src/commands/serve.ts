import type { App } from '../app.ts';
import type { Config, Settings } from '../config/config.ts';
import { CommandError, type Command } from './command.ts';
import { CONFIG_FLAGS, configFlagsHelp, requireConfig } from './config-flags.ts';
import { ConfigReloader } from './config-reloader.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Run the daemon (the default command).',
  help: `Usage: compositord [serve] [flags]

Runs the daemon until SIGTERM or Ctrl-C. Prints its address to stdout and its log to stderr, as JSON unless that is a
terminal. Reloads its configuration on SIGHUP, and when one of its files changes.

  --demo                 Replay a recorded trace for ever, as its 24 compositors.

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
    const { app, url } = await start(loaded.config, terminal.env['NODE_OPTIONS']);
    const reloader = new ConfigReloader({ app, sources, loaded });
    const demo = new AbortController();
    let playing = Promise.resolve();
    const close = async () => {
      demo.abort();
      await reloader.stop();
      await Promise.all([playing, app.close()]);
    };
    terminal.onStop(loaded.config.settings.shutdown.grace, close, () => reloader.reload());
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

/** The error for the operator, in one line; a bug stays as it is, because its stack is needed. */
export function startError(error: unknown, { listen, legacySocket }: Settings): unknown {
  const bugs = [TypeError, RangeError, ReferenceError, SyntaxError];
  if (!(error instanceof Error) || bugs.some((kind) => error instanceof kind)) return error;
  const { code, syscall, message, port } = error as NodeJS.ErrnoException & { port?: number };
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return new CommandError(message.split('\n', 1)[0]);
  const isLegacy = legacySocket !== undefined && legacySocket.port === port;
  const { host, port: wanted } = isLegacy ? legacySocket : listen;
  const flag = isLegacy ? '--legacy-socket' : '--listen';
  const where = `${host}:${wanted}`;
  const reasons: Record<string, string> = {
    EADDRINUSE: `another program listens on ${where} already; stop it, or choose another address with ${flag}`,
    EACCES: `not allowed to listen on ${where}; ports below 1024 need privileges, choose another with ${flag}`,
    EADDRNOTAVAIL: `this machine has no address ${host} to listen on; choose another with ${flag}`,
    ENOTFOUND: `this machine has no address ${host} to listen on; choose another with ${flag}`,
  };
  return new CommandError(reasons[code ?? ''] ?? `cannot listen on ${where}: ${code ?? message}`);
}

function greeting(url: string): string {
  const base = url.replace(/\/$/, '');
  return `compositord serves ${base}
The map: ${base}/map
API to read and try: ${base}/docs
Try: curl -N ${base}/manifest/stream
`;
}
