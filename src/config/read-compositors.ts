import type { StaticCompositor } from '../domain/registration.ts';
import { isCompositorId, slugOf } from '../domain/compositor.ts';
import { CompositorSchema } from './compositor-schema.ts';
import type { Problem, RawCompositor } from './raw-config.ts';
import { readValue } from './read-settings.ts';
import { quote } from './read-yaml.ts';

/** Validates compositors and gives each an id; a second one with the same id is a problem. `origins`: their sources, by id. */
export function readCompositors(
  raw: readonly RawCompositor[],
  problems: Problem[],
): { compositors: StaticCompositor[]; origins: Map<string, string> } {
  const compositors: StaticCompositor[] = [];
  const origins = new Map<string, string>();
  for (const one of raw) {
    const compositor = readCompositor(one, problems);
    if (!compositor) continue;
    const { id } = compositor;
    const first = origins.get(id);
    if (first === undefined) {
      origins.set(id, one.where);
      compositors.push(compositor);
    } else {
      const message = `there is a compositor with the id ${id} already, at ${first}`;
      problems.push({ where: one.where, message });
    }
  }
  return { compositors, origins };
}

function readCompositor(raw: RawCompositor, problems: Problem[]): StaticCompositor | undefined {
  const { key, where } = raw;
  const complain = (message: string) => void problems.push({ where, message });
  const fields: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(CompositorSchema.properties)) {
    const value = raw.fields.get(field);
    if (value) fields[field] = readValue(field, schema, value, problems);
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
  return { ...fields, id } as StaticCompositor;
}

/** A key that is a valid id stays as it is. */
function idOf(name: string): string | undefined {
  return isCompositorId(name) ? name : slugOf(name);
}
