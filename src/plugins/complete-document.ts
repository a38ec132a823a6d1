import { PROBLEM_TYPE } from './problems.ts';

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
  requestBody?: {
    required?: boolean;
    description?: string;
    content?: Record<string, { schema: object; example?: object }>;
  };
  'x-body-optional'?: boolean;
  'x-body-any'?: boolean;
  'x-body-example'?: object;
  responses?: Record<string, ResponseObject | Reference>;
}
interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: Record<string, Record<string, unknown>>;
}

/** Of every reply. */
const REQUEST_ID: HeaderObject & { description: string } = {
  description: 'Names the request in the log: the one that it came with, or a new one.',
  schema: { type: 'string', examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'] },
};

/** What @fastify/swagger makes of a trailing `*`. */
const REST = '/{*}';

/**
 * Adds to the OpenAPI document what Fastify's schemas cannot express: which reply headers are required and which bodies are
 * optional. Moves repeated headers and problems into components, and removes the keywords of our own validator.
 */
export function completeDocument<T extends object>(document: T): T {
  // A copy: swagger calls this again for each format, with the same object.
  const completed = JSON.parse(
    JSON.stringify(document, (key, value: unknown) => (key === 'x-expects' ? undefined : value)),
  ) as T & Document;
  const { components = {} } = completed;
  const paths = namePathParameter(completed.paths ?? {});
  const headers: Record<string, unknown> = {};
  const problems: Record<string, unknown> = {};
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (operation['x-body-any'])
      operation.requestBody = { description: 'Anything, of any type.', content: { '*/*': { schema: {} } } };
    delete operation['x-body-any'];
    if (operation['x-body-optional'] && operation.requestBody) operation.requestBody.required = false;
    delete operation['x-body-optional'];
    for (const media of Object.values(operation.requestBody?.content ?? {}))
      if (operation['x-body-example']) media.example = operation['x-body-example'];
    delete operation['x-body-example'];
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      if ('$ref' in response) continue;
      response.headers = { ...response.headers, 'X-Request-Id': { ...REQUEST_ID } };
      for (const [name, header] of Object.entries(response.headers)) {
        if ('$ref' in header) continue;
        header.required = header.schema?.['x-optional'] !== true;
        delete header.schema?.['x-optional'];
        headers[name] ??= header;
        response.headers[name] = { $ref: `#/components/headers/${name}` };
      }
      const examples = response.content?.[PROBLEM_TYPE]?.examples;
      if (!examples || !operation.responses) continue;
      const name = Object.keys(examples).join('.');
      problems[name] ??= response;
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  return { ...completed, paths, components: { ...components, headers, responses: problems } };
}

/** Fastify's `*` is not a valid parameter name in OpenAPI: it becomes `path`. */
function namePathParameter(paths: NonNullable<Document['paths']>): NonNullable<Document['paths']> {
  const entries = Object.entries(paths).map(([path, operations]) => {
    if (!path.endsWith(REST)) return [path, operations] as const;
    for (const parameter of Object.values(operations).flatMap((each) => each.parameters ?? []))
      if (parameter.name === '*') parameter.name = 'path';
    return [`${path.slice(0, -REST.length)}/{path}`, operations] as const;
  });
  return Object.fromEntries(entries);
}
