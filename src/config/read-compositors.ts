import type { CompositorBearer } from '../domain/bearers.ts';
import { withKnown } from '../domain/command-routes.ts';
import { hasEndpoint, isCompositorId, slugOf } from '../domain/compositor.ts';
import { addressProblem } from '../domain/multiaddr.ts';
import type { StaticCompositor } from '../domain/registration.ts';
import { CompositorSchema, type Credentials } from './compositor-schema.ts';
import type { Problem, RawCompositor } from './raw-config.ts';
import { tryReadFile, type ReadFile } from './read-file.ts';
import { readValue } from './read-settings.ts';
import { quote } from './read-yaml.ts';
import { listsBy, sameCompositors, type NamedEntry } from './same-compositors.ts';

/** Where a compositor comes from. */
export interface CompositorOrigin {
  /** Every place that describes it, the most specific one first. */
  readonly places: readonly string[];
  /** Where each of its fields was written. */
  readonly fields: ReadonlyMap<string, string>;
}

export interface ReadCompositors {
  readonly compositors: StaticCompositor[];
  /** By id. */
  readonly origins: Map<string, CompositorOrigin>;
  /** What the daemon shows to them, by id. */
  readonly bearers: Map<string, CompositorBearer>;
  /** What is allowed, and hardly meant. */
  readonly warnings: Problem[];
}

interface Given {
  readonly value: unknown;
  readonly where: string;
}

/** One entry of one source, with its fields parsed. */
interface Entry extends NamedEntry {
  readonly fields: ReadonlyMap<string, Given>;
}

/**
 * Validates the compositors of all sources, the most specific source first, and gives each an id. Entries of several
 * sources that are one compositor become one: each field comes from the most specific entry that has it.
 */
export function readCompositors(
  sources: readonly (readonly RawCompositor[])[],
  problems: Problem[],
  readFile: ReadFile,
): ReadCompositors {
  const entries = sources.map((source) => withoutTwins(readEntries(source, problems), problems));
  const groups = sameCompositors(entries, problems);
  const groupOf = new Map(groups.flatMap((group) => group.map((one) => [one, group] as const)));
  // That of the command line comes last.
  const [byFlags = [], ...byFiles] = entries;
  const inOrder = new Set([...byFiles.flat(), ...byFlags].map((one) => groupOf.get(one)!));
  const read: ReadCompositors = { compositors: [], origins: new Map(), bearers: new Map(), warnings: [] };
  for (const group of inOrder) {
    const fields = mergedFields(group);
    const compositor = compositorOf(group, fields, problems);
    const { id } = compositor;
    read.compositors.push(compositor);
    const places = group.map(({ where }) => where);
    read.origins.set(id, {
      places,
      fields: new Map(Array.from(fields, ([name, { where }]) => [name, where])),
    });
    const bearer = readBearer(fields.get('auth'), compositor, problems, readFile);
    if (bearer) read.bearers.set(id, bearer);
  }
  read.warnings.push(...sharedEndpoints(read));
  return read;
}

function readEntries(source: readonly RawCompositor[], problems: Problem[]): Entry[] {
  return source.flatMap((raw) => readEntry(raw, problems) ?? []);
}

function readEntry(raw: RawCompositor, problems: Problem[]): Entry | undefined {
  const { key, where } = raw;
  const complain = (message: string) => void problems.push({ where, message });
  const fields = new Map<string, Given>();
  for (const [field, schema] of Object.entries(CompositorSchema.properties)) {
    const value = raw.fields.get(field);
    if (value) fields.set(field, { value: readValue(field, schema, value, problems), where: value.where });
  }
  if (key !== undefined && !/^[\p{L}\p{N}]/u.test(key))
    return complain(`the key of a compositor must begin with a letter or a digit, not ${quote(key)}`);
  if (key === undefined && !fields.has('name')) return complain('a compositor must have a name');
  const name = (fields.get('name')?.value as string | undefined) ?? key;
  // What is wrong with it has been said.
  if (name === undefined) return undefined;
  const given = key ?? (fields.get('id')?.value as string | undefined);
  const id = idOf(given ?? name);
  if (id === undefined)
    return complain(`no id can be made of ${quote(given ?? name)}: use letters or digits`);
  return { where, id, isIdGiven: given !== undefined, name, endpoint: endpointKey(valuesOf(fields)), fields };
}

/** A second entry of one source with the same id is a problem. */
function withoutTwins(entries: readonly Entry[], problems: Problem[]): Entry[] {
  const first = new Map<string, Entry>();
  for (const one of entries) {
    const before = first.get(one.id);
    if (!before) first.set(one.id, one);
    else {
      const message = `there is a compositor with the id ${one.id} already, at ${before.where}`;
      problems.push({ where: one.where, message });
    }
  }
  return [...first.values()];
}

/** Each field from the most specific entry that has it, in the order of the schema. */
function mergedFields(group: readonly Entry[]): Map<string, Given> {
  const merged = new Map<string, Given>();
  for (const field of Object.keys(CompositorSchema.properties))
    for (const { fields } of group) {
      const given = fields.get(field);
      if (given && !merged.has(field)) merged.set(field, given);
    }
  return merged;
}

function compositorOf(
  group: readonly Entry[],
  fields: ReadonlyMap<string, Given>,
  problems: Problem[],
): StaticCompositor {
  const [first] = group as [Entry];
  const dangling = ['protocol', 'port'].find((field) => fields.has(field) && !fields.has('address'));
  if (dangling !== undefined) {
    const { where } = group.find((one) => one.fields.has(dangling))!;
    problems.push({ where, message: `a ${dangling} without an address: give the compositor's address too` });
  }
  const wrong = addressProblem(valuesOf(fields));
  if (wrong !== undefined) {
    const [{ where }, by] = [fields.get('address')!, fields.get('protocol')!];
    problems.push({ where, message: `address ${wrong}, at ${by.where}` });
  }
  const { id } = group.find(({ isIdGiven }) => isIdGiven) ?? first;
  // A key is a name where nobody gives another.
  const { name = first.name, backend, commands, limits, ...rest } = valuesOf(fields);
  // What the daemon shows to a compositor stands in no entry.
  delete rest['auth'];
  const routes = withKnown(backend, commands);
  return {
    ...rest,
    id,
    name,
    ...(routes && { commands: routes }),
    // Its own tiles are its own to take back.
    ...(limits && { limits: { ...limits, compositors: [id] } }),
  };
}

/** The token is read here, and not when it is used, so that a file that changes is a configuration that changes. */
function readBearer(
  given: Given | undefined,
  { protocol, address, port }: StaticCompositor,
  problems: Problem[],
  readFile: ReadFile,
): CompositorBearer | undefined {
  // What is wrong with it was said when the entry was read.
  if (given?.value === undefined) return undefined;
  const { bearerFile } = given.value as Credentials;
  const complain = (message: string) => void problems.push({ where: given.where, message });
  if (address === undefined || protocol === 'libp2p')
    return complain('auth is for compositors with an address, over http, https, ws or wss');
  const file = tryReadFile(bearerFile, readFile);
  if ('problem' in file) return complain(file.problem);
  const token = file.text.trim();
  if (!/^[A-Za-z0-9._~+/-]{1,4096}=*$/.test(token))
    return complain(`${bearerFile} must contain one bearer token`);
  return { token, endpoint: { protocol, address, port } };
}

/** Compositors with different ids may share an endpoint; most often one of them has an old address. */
function sharedEndpoints({ compositors, origins }: ReadCompositors): Problem[] {
  const placeOf = ({ id }: StaticCompositor) => {
    const { places, fields } = origins.get(id)!;
    return fields.get('address') ?? places[0]!;
  };
  const shared = listsBy(compositors, (each) => endpointKey(each));
  return [...shared.values()].flatMap(([first, ...others]) =>
    others.map((each) => ({
      where: placeOf(each),
      message: `${each.id} has the protocol, address and port of ${first!.id}, at ${placeOf(first!)}: the daemon connects there for each of them`,
    })),
  );
}

/** Protocol, address and port as one text; undefined unless the daemon could connect there. */
function endpointKey(
  fields: Partial<Pick<StaticCompositor, 'protocol' | 'address' | 'port'>>,
): string | undefined {
  const { protocol, address, port } = fields;
  if (!hasEndpoint(fields)) return undefined;
  // The ids in a multiaddr are not the same in lower case.
  return JSON.stringify([protocol, protocol === 'libp2p' ? address : address!.toLowerCase(), port]);
}

function valuesOf(fields: ReadonlyMap<string, Given>): Record<string, unknown> & Partial<StaticCompositor> {
  return Object.fromEntries(Array.from(fields, ([field, { value }]) => [field, value]));
}

/** A text that is a valid id stays as it is. */
function idOf(name: string): string | undefined {
  return isCompositorId(name) ? name : slugOf(name);
}
