import type { StaticCompositor } from '../domain/registration.ts';
import type { RegistrationLimits } from '../domain/registration-limits.ts';
import { isCompositorId, slugOf } from '../domain/compositor.ts';
import type { CompositorBearer } from '../domain/bearers.ts';
import { CompositorSchema, type Credentials } from './compositor-schema.ts';
import type { Problem, RawCompositor } from './raw-config.ts';
import { tryReadFile, type ReadFile } from './read-file.ts';
import { readValue } from './read-settings.ts';
import { quote } from './read-yaml.ts';

/**
 * Validates compositors and gives each an id; a second one with the same id is a problem. `origins`: their sources, `bearers`: what
 * the daemon shows to them, both by id.
 */
export function readCompositors(
  raw: readonly RawCompositor[],
  problems: Problem[],
  readFile: ReadFile,
): {
  compositors: StaticCompositor[];
  origins: Map<string, string>;
  bearers: Map<string, CompositorBearer>;
} {
  const compositors: StaticCompositor[] = [];
  const origins = new Map<string, string>();
  const bearers = new Map<string, CompositorBearer>();
  for (const one of raw) {
    const compositor = readCompositor(one, problems);
    if (!compositor) continue;
    const { id } = compositor;
    const first = origins.get(id);
    if (first === undefined) {
      origins.set(id, one.where);
      compositors.push(compositor);
      const bearer = readBearer(one, compositor, problems, readFile);
      if (bearer) bearers.set(id, bearer);
    } else {
      const message = `there is a compositor with the id ${id} already, at ${first}`;
      problems.push({ where: one.where, message });
    }
  }
  return { compositors, origins, bearers };
}

/** The token is read here, and not when it is used, so that a file that changes is a configuration that changes. */
function readBearer(
  raw: RawCompositor,
  { protocol, address, port }: StaticCompositor,
  problems: Problem[],
  readFile: ReadFile,
): CompositorBearer | undefined {
  const value = raw.fields.get('auth');
  // What is wrong with it was said when the compositor was read.
  const credentials =
    value && (readValue('auth', CompositorSchema.properties.auth, value, []) as Credentials);
  if (!credentials) return undefined;
  const complain = (message: string) => void problems.push({ where: value.where, message });
  if (address === undefined || protocol === 'libp2p')
    return complain('auth is for compositors with an address, over http, https, ws or wss');
  const file = tryReadFile(credentials.bearerFile, readFile);
  if ('problem' in file) return complain(file.problem);
  const token = file.text.trim();
  if (!/^[A-Za-z0-9._~+/-]{1,4096}=*$/.test(token))
    return complain(`${credentials.bearerFile} must contain one bearer token`);
  return { token, endpoint: { protocol, address, port } };
}

function readCompositor(raw: RawCompositor, problems: Problem[]): StaticCompositor | undefined {
  const { key, where } = raw;
  const complain = (message: string) => void problems.push({ where, message });
  const fields: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(CompositorSchema.properties)) {
    const value = raw.fields.get(field);
    // What the daemon shows to a compositor stands in no entry.
    if (value && field === 'auth') readValue(field, schema, value, problems);
    else if (value) fields[field] = readValue(field, schema, value, problems);
  }
  if (key !== undefined) {
    if (!/^[\p{L}\p{N}]/u.test(key))
      return complain(`the key of a compositor must begin with a letter or a digit, not ${quote(key)}`);
    fields['name'] ??= key;
  } else if (!raw.fields.has('name')) return complain('a compositor must have a name');

  const dangling = ['protocol', 'port'].find((field) => raw.fields.has(field) && !raw.fields.has('address'));
  if (dangling !== undefined) complain(`a ${dangling} without an address: give the compositor's address too`);

  const id = (fields['id'] as string | undefined) ?? idOf(key ?? String(fields['name']));
  if (id === undefined)
    return complain(`no id can be made of ${quote(key ?? fields['name'])}: use letters or digits`);
  const limits = fields['limits'] as RegistrationLimits | undefined;
  // Its own tiles are its own to take back.
  const bound = limits && { ...limits, compositors: [id] };
  return { ...fields, id, ...(bound && { limits: bound }) } as unknown as StaticCompositor;
}

/** A key that is a valid id stays as it is. */
function idOf(name: string): string | undefined {
  return isCompositorId(name) ? name : slugOf(name);
}
