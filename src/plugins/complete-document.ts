import { PROBLEM_TYPE } from './problem.ts';

interface Reference {
  $ref: string;
}
interface HeaderObject {
  required?: boolean;
  schema?: Record<string, unknown>;
}
interface ResponseObject {
  headers?: Record<string, HeaderObject | Reference>;
  content?: Record<string, { examples?: object }>;
}
interface Operation {
  parameters?: { name: string }[];
  requestBody?: { required?: boolean; description?: string; content?: object };
  'x-body-optional'?: boolean;
  'x-body-any'?: boolean;
  responses?: Record<string, ResponseObject | Reference>;
}
interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: Record<string, Record<string, unknown>>;
}

/** How a path of any length ends. */
const REST = '/{*}';

/**
 * Says in the OpenAPI document what Fastify's schemas cannot: which reply headers are promised, which bodies may be left
 * out, and that headers and problems are the same everywhere. What is meant for our own validator goes.
 */
export function completeDocument<T extends object>(document: T): T {
  // A copy: swagger asks again for each form of the document, each time with the one it has.
  const tidy = without('x-expects', document) as T & Document;
  const { components = {} } = tidy;
  const paths = named(tidy.paths ?? {});
  const headers: Record<string, unknown> = {};
  const problems: Record<string, unknown> = {};
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (operation['x-body-any'])
      operation.requestBody = { description: 'Anything, of any type.', content: { '*/*': { schema: {} } } };
    delete operation['x-body-any'];
    if (operation['x-body-optional'] && operation.requestBody) operation.requestBody.required = false;
    delete operation['x-body-optional'];
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      if ('$ref' in response) continue;
      for (const [name, header] of Object.entries(response.headers ?? {})) {
        if ('$ref' in header) continue;
        header.required = header.schema?.['x-optional'] !== true;
        delete header.schema?.['x-optional'];
        headers[name] ??= header;
        response.headers![name] = { $ref: `#/components/headers/${name}` };
      }
      const examples = response.content?.[PROBLEM_TYPE]?.examples;
      if (!examples || !operation.responses) continue;
      const name = Object.keys(examples).join('.');
      problems[name] ??= response;
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  return { ...tidy, paths, components: { ...components, headers, responses: problems } };
}

/** What Fastify calls `*` is no name for a parameter. */
function named(paths: NonNullable<Document['paths']>): NonNullable<Document['paths']> {
  const entries = Object.entries(paths).map(([path, operations]) => {
    if (!path.endsWith(REST)) return [path, operations] as const;
    for (const parameter of Object.values(operations).flatMap((each) => each.parameters ?? []))
      if (parameter.name === '*') parameter.name = 'path';
    return [`${path.slice(0, -REST.length)}/{path}`, operations] as const;
  });
  return Object.fromEntries(entries);
}

function without(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => without(key, each));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== key);
  return Object.fromEntries(entries.map(([name, each]) => [name, without(key, each)]));
}
