import { isDeepStrictEqual } from 'node:util';
import type { App } from '../app.ts';
import { FileWatch } from '../adapters/file-watch.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { loadConfig, type ConfigSources, type LoadedConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/raw-config.ts';

/** Reloads the configuration on request and when one of its files changes; a broken configuration changes nothing. */
export class ConfigReloader {
  readonly #app: App;
  readonly #sources: ConfigSources;
  readonly #watch: FileWatch;
  #files: LoadedConfig['files'];
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `loaded`: the configuration that `app` was started with. */
  constructor(options: { app: App; sources: ConfigSources; loaded: LoadedConfig }) {
    this.#app = options.app;
    this.#sources = options.sources;
    this.#files = options.loaded.files;
    this.#watch = new FileWatch({ clock: new SystemClock(), onChange: () => this.#reloadIfChanged() });
  }

  start(): void {
    this.#watch.watch(this.#files.keys());
    // A file may have changed while the daemon was starting; the watch did not see that.
    this.#reloadIfChanged();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch.stop();
    await this.#working;
  }

  /** Reloads, whether or not a file changed. Resolves when it is in force, or refused. */
  async reload(): Promise<void> {
    this.#apply(loadConfig(this.#sources));
    await this.#working;
  }

  #reloadIfChanged(): void {
    const loaded = loadConfig(this.#sources);
    // The text decides: a file that was only touched must not cause a reload.
    if (!isDeepStrictEqual(loaded.files, this.#files)) this.#apply(loaded);
  }

  #apply(loaded: LoadedConfig): void {
    if (this.#stopped) return;
    const { reloads, server } = this.#app;
    const { log } = server;
    this.#files = loaded.files;
    this.#watch.watch(loaded.files.keys());
    if ('problems' in loaded) {
      reloads.add('refused');
      const problems = loaded.problems.map(formatProblem);
      log.error({ problems }, 'the configuration was not reloaded: the old one stays in force');
      return;
    }
    this.#working = this.#app.reload(loaded.config).then(
      () => reloads.add('applied'),
      (error: unknown) => {
        reloads.add('failed');
        log.error({ err: error }, 'the configuration was not reloaded');
      },
    );
  }
}
