import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import type { Test } from 'tap';
import { createApp, type App, type Overrides } from '../../src/app.ts';
import type { Config, Settings } from '../../src/config/config.ts';
import type { StaticCompositor } from '../../src/domain/registration.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { watchReplies } from './conformance.ts';
import { freePort } from './free-port.ts';
import type { Json } from './json.ts';

type Some<T> = { [K in keyof T]?: T[K] extends unknown[] ? T[K] : T[K] extends object ? Some<T[K]> : T[K] };

export interface BuildOptions extends Omit<Overrides, 'log'> {
  /** Over the defaults. `listen` is a free port of 127.0.0.1 and `store` a folder of its own unless given. */
  settings?: Some<Settings>;
  compositors?: StaticCompositor[];
}

export interface Built {
  app: App;
  config: Config;
  /** A request without a socket. An object as `payload` is sent as JSON. */
  inject: (options: InjectOptions | string) => Promise<Answer>;
  /** The log so far, one parsed line each. */
  log: Record<string, unknown>[];
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  /** Of JSON replies. */
  json: Json;
}

/**
 * The real daemon on the embedded store, closed and wiped when the test ends; every reply it gives is held to the
 * committed contract, and its log is shown when the test fails.
 */
export async function build(t: Test, options: BuildOptions = {}): Promise<Built> {
  const { settings = {}, compositors = [], register, ...overrides } = options;
  const folder = await mkdtemp(join(tmpdir(), 'compositord-test-'));
  const config: Config = {
    settings: merged(defaults(), {
      listen: { host: '127.0.0.1', port: await freePort() },
      store: `file:${folder}`,
      ...settings,
    }),
    compositors,
  };
  const log: Record<string, unknown>[] = [];
  const violations: string[] = [];
  const base = config.settings.basePath === '/' ? '' : config.settings.basePath;
  const app = await createApp(config, {
    ...overrides,
    log: { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
    register: (server) => {
      watchReplies(server, base, violations);
      register?.(server);
    },
  });
  // The daemon's timers hold no process, and without a socket nothing else would while a test waits for one of them.
  const alive = setInterval(() => undefined, 2 ** 30);
  t.after(async () => {
    clearInterval(alive);
    await app.close();
    await rm(folder, { recursive: true, force: true });
    if (!t.passing()) for (const line of log) t.comment(JSON.stringify(line));
    if (violations.length > 0) throw new Error(`replies that break the contract:\n${violations.join('\n')}`);
  });
  return { app, config, inject: (request) => inject(app, request), log };
}

async function inject(app: App, options: InjectOptions | string): Promise<Answer> {
  const reply = await app.server.inject(options);
  const type = String(reply.headers['content-type']);
  return {
    status: reply.statusCode,
    headers: reply.headers,
    text: reply.body,
    json: type.includes('json') && reply.body !== '' ? JSON.parse(reply.body) : undefined,
  };
}

function defaults(): Settings {
  const loaded = loadConfig({
    flags: {},
    env: {},
    readFile: () => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    },
  });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.settings;
}

function merged<T>(base: T, over: Some<T>): T {
  const copy = { ...base } as Record<string, unknown>;
  for (const [key, value] of Object.entries(over as Record<string, unknown>)) {
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    copy[key] = isGroup ? merged(copy[key] ?? {}, value) : value;
  }
  return copy as T;
}
