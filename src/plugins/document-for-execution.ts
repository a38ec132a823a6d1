interface Schema {
  default?: unknown;
  examples?: unknown[];
  items?: Schema;
}
interface Parameter {
  required?: boolean;
  description?: string;
  example?: unknown;
  examples?: unknown;
  schema?: Schema;
}
interface Document {
  components?: { responses?: Record<string, { content?: unknown }> };
  paths?: Record<string, Record<string, { parameters?: Parameter[] }>>;
}

/**
 * The OpenAPI document for a page on which people execute operations. Such a page fills in every example and default, also of
 * what may be left out; so those of parameters that may be are told in words instead.
 */
export function forExecution<T extends object>(document: T): T {
  const changed = structuredClone(document) as T & Document;
  for (const operation of Object.values(changed.paths ?? {}).flatMap((path) => Object.values(path)))
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.required) tell(parameter);
    }
  // All problems have one form, and a sample of it for each status of each operation hid everything else.
  for (const problem of Object.values(changed.components?.responses ?? {})) delete problem.content;
  return changed;
}

function tell(parameter: Parameter): void {
  const { schema = {} } = parameter;
  const { default: byDefault, examples = [] } = schema;
  const { example = examples[0] } = parameter;
  const words = [
    parameter.description,
    example !== undefined && example !== byDefault && `For example \`${textOf(example)}\`.`,
    byDefault !== undefined && `By default \`${textOf(byDefault)}\`.`,
  ];
  parameter.description = words.filter(Boolean).join(' ');
  delete parameter.example;
  delete parameter.examples;
  delete schema.default;
  delete schema.examples;
  delete schema.items?.examples;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
}
