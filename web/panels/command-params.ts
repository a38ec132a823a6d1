/** What is sent with a command, or which field is wrong. */
export type Params = { readonly params: unknown } | { readonly field: string; readonly problem: string };

/** The name of the field that takes JSON. */
export const JSON_FIELD = '';

/** The parameters of a command: those that its path needs, by name, and the others as JSON. */
export function paramsOf(fields: ReadonlyMap<string, string>, json: string): Params {
  for (const [field, text] of fields) if (text.trim() === '') return { field, problem: 'is needed' };
  const text = json.trim();
  if (text === '') return { params: fields.size > 0 ? Object.fromEntries(fields) : undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { field: JSON_FIELD, problem: `is no JSON: ${(error as Error).message}` };
  }
  if (fields.size === 0) return { params: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { field: JSON_FIELD, problem: 'must be an object: { … }' };
  const twice = [...fields.keys()].find((name) => Object.hasOwn(value, name));
  if (twice !== undefined)
    return { field: JSON_FIELD, problem: `has ${twice}, which has a field of its own` };
  return { params: { ...value, ...Object.fromEntries(fields) } };
}
