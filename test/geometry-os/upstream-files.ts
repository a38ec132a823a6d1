import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { WebSocket } from 'ws';

/** Where a clone of Geometry OS has the files that run against a daemon. */
const FOLDERS = ['systems/visual_shell/web', 'systems/visual_shell', ''];

/** Files of Geometry OS itself, in the folder that the variable GEOMETRY_OS names. They are never part of this project. */
export class UpstreamFiles {
  readonly #folder: string | undefined;

  constructor(folder = process.env['GEOMETRY_OS']) {
    this.#folder = folder;
  }

  /** Undefined: there is none, or nobody said where. */
  pathOf(name: string): string | undefined {
    if (!this.#folder) return undefined;
    return FOLDERS.map((each) => join(this.#folder!, each, name)).find(existsSync);
  }

  /**
   * The `window` of a page after the script has run in it; `page` is what other scripts have put there before. `fetch` finds relative
   * addresses at `origin`.
   */
  run(path: string, origin: string, page: object = {}): Record<string, unknown> {
    const window: Record<string, unknown> = { addEventListener: quiet, removeEventListener: quiet, ...page };
    const fromOrigin = (url: string, options?: RequestInit) => fetch(new URL(url, origin), options);
    const scope = {
      window,
      document: { getElementById: () => null, createElement: () => anything, body: anything },
      PIXI: anything,
      WebSocket,
      fetch: fromOrigin,
      console: { ...console, log: quiet, warn: quiet, debug: quiet, error: quiet },
    };
    const script = compileFunction(readFileSync(path, 'utf8'), Object.keys(scope), { filename: path });
    script(...Object.values(scope));
    return window;
  }
}

const quiet = () => undefined;

/** Stands for PixiJS: whatever is read of it, called or made is this again. */
export const anything: unknown = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => 0 : name === 'then' ? undefined : anything),
  set: () => true,
  apply: () => anything,
  construct: () => anything as object,
});
