import type { ListedCompositor } from '../domain/registration.ts';
import { isCompositorId, slugOf } from '../domain/compositor.ts';
import { CompositorSchema } from './compositor-schema.ts';
import type { GivenCompositor } from './given.ts';
import type { Problem } from './problem.ts';
import { readGiven } from './read-settings.ts';
import { show } from './read-yaml.ts';

/** The compositors that were given, each with its id, no two with one; and what is wrong with them. */
export function readCompositors(
  given: readonly GivenCompositor[],
  problems: Problem[],
): { compositors: ListedCompositor[]; origins: Map<string, string> } {
  const compositors: ListedCompositor[] = [];
  const origins = new Map<string, string>();
  for (const one of given) {
    const compositor = readCompositor(one, problems);
    if (!compositor) continue;
    const twin = origins.get(compositor.id);
    if (twin === undefined) {
      origins.set(compositor.id, one.where);
      compositors.push(compositor);
    } else {
      const message = `there is a compositor with the id ${compositor.id} already, at ${twin}`;
      problems.push({ where: one.where, message });
    }
  }
  return { compositors, origins };
}

function readCompositor(given: GivenCompositor, problems: Problem[]): ListedCompositor | undefined {
  const { key, where } = given;
  const complain = (message: string) => void problems.push({ where, message });
  const fields: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(CompositorSchema.properties)) {
    const written = given.fields.get(field);
    if (written) fields[field] = readGiven(field, schema, written, problems);
  }
  if (key !== undefined) {
    if (!/^[\p{L}\p{N}]/u.test(key))
      return complain(`the key of a compositor must begin with a letter or a digit, not ${show(key)}`);
    fields['name'] ??= key;
  } else if (!given.fields.has('name')) return complain('a compositor must have a name');

  const dangling = ['protocol', 'port'].find(
    (field) => given.fields.has(field) && !given.fields.has('address'),
  );
  if (dangling !== undefined) complain(`a ${dangling} without an address: give the compositor's address too`);

  const id = (fields['id'] as string | undefined) ?? idOf(key ?? String(fields['name']));
  if (id === undefined)
    return complain(`no id can be made of ${show(key ?? fields['name'])}: use letters or digits`);
  return { ...fields, id } as ListedCompositor;
}

/** A key that is an id already stays as it is. */
function idOf(name: string): string | undefined {
  return isCompositorId(name) ? name : slugOf(name);
}
