import { isObject } from './json.ts';

export const COMMAND_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Which request of the compositor's own HTTP API carries a command out. */
export interface CommandRoute {
  readonly method: (typeof COMMAND_METHODS)[number];
  /** Begins with a slash. A whole segment may be a parameter, `{id}`. */
  readonly path: string;
}

/** By the name of the command. */
export type CommandRoutes = Readonly<Record<string, CommandRoute>>;

export const MAX_COMMANDS = 64;
export const MAX_PATH = 256;
export const COMMAND_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$';
/** Segments of plain characters, none of them `.` or `..`, and parameters: what is sent is what was registered. */
export const COMMAND_PATH_PATTERN =
  "^(?:/(?:\\{[A-Za-z][A-Za-z0-9_]{0,31}\\}|(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~:@!$&'()*+,;=-]+))+/?$";

const COMMAND_NAME = new RegExp(COMMAND_NAME_PATTERN, 'u');
const COMMAND_PATH = new RegExp(COMMAND_PATH_PATTERN, 'u');

const post = (path: string): CommandRoute => ({ method: 'POST', path });

/** The commands of programs that are known, by what they say as `backend` in `GET /health`. */
export const BACKENDS = {
  infinite_map_rs: {
    scan: { method: 'GET', path: '/api/scan' },
    chunk: { method: 'GET', path: '/api/chunk' },
    transmute: post('/api/transmute'),
    'load-file': post('/api/load-file'),
    'self-write': post('/api/self-write'),
    'synapse.register': post('/api/synapse/register'),
    'synapse.signal': post('/api/synapse/signal'),
    'evolution.genome': post('/api/evolution/genome'),
    'terminal.spawn': post('/api/terminal/spawn'),
    'terminal.resize': post('/api/terminal/{id}/resize'),
    'terminal.destroy': { method: 'DELETE', path: '/api/terminal/{id}' },
  },
} as const satisfies Readonly<Record<string, CommandRoutes>>;

/** The commands of a program that is known, and those of its own, which come before them. Undefined: neither is there. */
export function withKnown(backend: unknown, own: CommandRoutes | undefined): CommandRoutes | undefined {
  if (typeof backend !== 'string' || !Object.hasOwn(BACKENDS, backend)) return own;
  return { ...BACKENDS[backend as keyof typeof BACKENDS], ...own };
}

/** Parses commands as they are written; undefined when one is invalid or there are too many. */
export function parseCommandRoutes(value: unknown): CommandRoutes | undefined {
  if (!isObject(value)) return undefined;
  const routes = Object.entries(value);
  const valid =
    routes.length <= MAX_COMMANDS &&
    routes.every(([name, route]) => COMMAND_NAME.test(name) && isRoute(route));
  return valid ? routesInOrder(value as CommandRoutes) : undefined;
}

function isRoute(route: unknown): route is CommandRoute {
  if (!isObject(route)) return false;
  const { method, path, ...rest } = route;
  const isKnown = (COMMAND_METHODS as readonly unknown[]).includes(method);
  return isKnown && isCommandPath(path) && Object.keys(rest).length === 0;
}

function isCommandPath(path: unknown): path is string {
  return typeof path === 'string' && path.length <= MAX_PATH && COMMAND_PATH.test(path);
}

/** The same in one order, so that equal commands are equal as JSON. */
export function routesInOrder(routes: CommandRoutes): CommandRoutes {
  return Object.fromEntries(
    Object.entries(routes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { method, path }]) => [name, { method, path }]),
  );
}
