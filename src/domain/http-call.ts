import { withKnown, type CommandRoute, type CommandRoutes } from './command-routes.ts';
import { hasEndpoint, type Compositor } from './compositor.ts';
import { invalid } from './errors.ts';
import { isObject } from './json.ts';

/** A request of a compositor's own HTTP API that carries out a command. */
export interface HttpCall {
  readonly method: CommandRoute['method'];
  /** The request target: the path, and with GET the query. */
  readonly path: string;
  /** Any JSON value; absent: no body. */
  readonly body?: unknown;
}

/**
 * The commands of a compositor as requests of its own HTTP API: those of its entry, and those of the program that it says
 * it is. Undefined: it takes commands as they come, at `POST /commands` or as messages.
 */
export function routesOf(entry: Compositor): CommandRoutes | undefined {
  if (!hasEndpoint(entry) || !(entry.protocol === 'http' || entry.protocol === 'https')) return undefined;
  return withKnown(entry.info?.['backend'], entry.commands);
}

/** The names of the parameters of a path. */
export function parametersOf(path: string): string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name!);
}

/** A command that a compositor takes. */
export interface ListedCommand extends CommandRoute {
  readonly name: string;
  /** The parameters that its path needs. */
  readonly params: readonly string[];
}

/** The commands that are known of a compositor; `others`: it gets any other one as it comes. */
export function listCommands(entry: Compositor): { commands: ListedCommand[]; others: boolean } {
  const routes = routesOf(entry);
  const commands = Object.entries(routes ?? {}).map(([name, { method, path }]) => {
    return { name, method, path, params: parametersOf(path) };
  });
  return { commands, others: routes === undefined };
}

/**
 * The request that carries out `command` at the compositor of `entry`; undefined when it takes commands as they come. Throws
 * `invalid-request` for a command that it does not have, and for parameters that do not fit.
 */
export function httpCallOf(entry: Compositor, command: string, params: unknown): HttpCall | undefined {
  const routes = routesOf(entry);
  if (!routes) return undefined;
  if (!Object.hasOwn(routes, command)) throw noCommand(entry.id, routes);
  return callOf(routes[command]!, params);
}

function noCommand(id: string, routes: CommandRoutes): Error {
  const names = Object.keys(routes);
  const all = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  return invalid('body', '/command', `is no command of ${id}: ${all}`);
}

/** The longest URL that parameters may make, in characters: servers take 8 KiB. */
const MAX_TARGET = 7680;

/** What `params` are for: the path first, and the rest for the body, or with GET for the query. */
export function callOf({ method, path }: CommandRoute, params: unknown = {}): HttpCall {
  const names = parametersOf(path);
  if (names.length === 0 && method !== 'GET') return withBody(method, path, params);
  if (!isObject(params)) throw invalid('body', '/params', 'must be an object: they are named in the URL');
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = Object.hasOwn(params, name) ? inUrl(params[name], name) : '';
    // Alone in its segment, a dot or two would lead elsewhere.
    if (/^\.{0,2}$/.test(text))
      throw invalid('body', `/params/${name}`, `is needed for ${path}, and may not be . or ..`);
    return text;
  });
  const rest = Object.entries(params).filter(([name]) => !names.includes(name));
  if (method !== 'GET') return withBody(method, filled, Object.fromEntries(rest));
  const query = rest.map(([name, value]) => `${inUrl(name, name)}=${inUrl(value, name)}`).join('&');
  const target = query === '' ? filled : `${filled}?${query}`;
  if (target.length > MAX_TARGET) throw invalid('body', '/params', 'are too long for a URL');
  return { method, path: target };
}

function withBody(method: CommandRoute['method'], path: string, body: unknown): HttpCall {
  if (path.length > MAX_TARGET) throw invalid('body', '/params', 'are too long for a URL');
  // DELETE has a body only when there is something to say.
  const isEmpty = isObject(body) && Object.keys(body).length === 0;
  return method === 'DELETE' && isEmpty ? { method, path } : { method, path, body };
}

function inUrl(value: unknown, name: string): string {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  const text = isPlain ? String(value) : '';
  if (!isPlain || /\p{Cs}/u.test(text))
    throw invalid(
      'body',
      `/params/${name}`,
      'must be a text, a number or a boolean, since it goes into the URL',
    );
  return encodeURIComponent(text);
}
