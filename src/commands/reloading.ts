import type { App } from '../app.ts';
import { FileWatch } from '../adapters/file-watch.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { loadConfig, type ConfigSources, type LoadedConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/problem.ts';

/** Reads the configuration again when it is asked to, and when one of its files changed; a broken one changes nothing. */
export class Reloading {
  readonly #app: App;
  readonly #sources: ConfigSources;
  readonly #watch: FileWatch;
  #files: LoadedConfig['files'];
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `loaded`: what `app` was started with. */
  constructor(options: { app: App; sources: ConfigSources; loaded: LoadedConfig }) {
    this.#app = options.app;
    this.#sources = options.sources;
    this.#files = options.loaded.files;
    this.#watch = new FileWatch({ clock: new SystemClock(), changed: () => this.#look() });
  }

  start(): void {
    this.#watch.watch(this.#files.keys());
    // The daemon may have been long in starting, and the watch knows nothing of before.
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch.stop();
    await this.#working;
  }

  /** Reads it again, whether or not it changed. */
  reload(): void {
    this.#take(loadConfig(this.#sources));
  }

  #look(): void {
    const loaded = loadConfig(this.#sources);
    // Touched is not changed.
    if (!sameFiles(loaded.files, this.#files)) this.#take(loaded);
  }

  #take(loaded: LoadedConfig): void {
    if (this.#stopped) return;
    const { log } = this.#app.server;
    this.#files = loaded.files;
    this.#watch.watch(loaded.files.keys());
    if ('problems' in loaded) {
      const problems = loaded.problems.map(formatProblem);
      log.error({ problems }, 'the configuration was not reloaded: what was in force stays');
      return;
    }
    this.#working = this.#app.reload(loaded.config).catch((error: unknown) => {
      log.error({ err: error }, 'the configuration was not reloaded');
    });
  }
}

function sameFiles(a: LoadedConfig['files'], b: LoadedConfig['files']): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.has(path) && b.get(path) === text);
}
