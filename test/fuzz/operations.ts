import { contract } from '../support/contract.ts';

/** The keywords of a JSON Schema that the contract uses for requests. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly maxProperties?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** One operation of the committed contract. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With its parameters in braces, as the contract spells it. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** What it takes as its body; undefined: none. */
  readonly body: { readonly schema: Schema; readonly types: readonly string[] } | undefined;
  /** The kinds of problems that the contract names for a status. */
  readonly problems: ReadonlyMap<number, readonly string[]>;
  /** Passes the request on: what comes back may be the compositor's own reply. */
  readonly forwards: boolean;
}

interface RawOperation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, RawResponse>;
}
interface RawResponse {
  $ref?: string;
  content?: Record<string, { examples?: object }>;
}

const document = contract as { paths: Record<string, Record<string, RawOperation>> };

export const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, raw]) => operationOf(path, method.toUpperCase(), raw)),
);

const PATTERNS = OPERATIONS.map((operation) => ({ operation, pattern: patternOf(operation.path) }));

/** The operation that the daemon's router finds for a request; undefined: none. */
export function operationAt(method: string, target: string): Operation | undefined {
  const path = decodedPath(target);
  if (path === undefined) return undefined;
  const wanted = method === 'HEAD' ? 'GET' : method;
  const here = PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ operation }) => operation);
  // What forwards requests takes any method, also those that the contract does not list.
  return here.find((each) => each.method === wanted) ?? here.find((each) => each.forwards);
}

/** Whether the daemon serves pages there that the contract does not have: those of Swagger UI, the files of the map. */
export function isOutsideContract(target: string): boolean {
  return /^\/(?:docs|map)\b/.test(decodedPath(target) ?? '');
}

/** Follows the references of a schema. */
export function resolved(schema: Schema): Schema {
  const { $ref } = schema;
  return $ref === undefined ? schema : resolved(at($ref) as Schema);
}

function operationOf(path: string, method: string, raw: RawOperation): Operation {
  const { parameters = [], requestBody, responses } = raw;
  const content = Object.entries(requestBody?.content ?? {});
  return {
    id: raw.operationId,
    method,
    path,
    parameters: parameters.map((each) => ({ ...each, schema: resolved(each.schema) })),
    body: content[0] && { schema: resolved(content[0][1].schema), types: content.map(([type]) => type) },
    problems: new Map(
      Object.entries(responses).map(([status, response]) => [Number(status), kindsOf(response)] as const),
    ),
    forwards: 'default' in responses,
  };
}

function kindsOf(response: RawResponse): string[] {
  const { content = {} } = response.$ref === undefined ? response : (at(response.$ref) as RawResponse);
  return Object.keys(content['application/problem+json']?.examples ?? {});
}

function at(reference: string): unknown {
  let value: unknown = document;
  for (const part of reference.slice('#/'.length).split('/'))
    value = (value as Record<string, unknown>)[part];
  return value;
}

function decodedPath(target: string): string | undefined {
  // An absolute-form target counts by its path.
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0]!;
  try {
    // An escaped slash stays within its segment.
    return decodeURI(path);
  } catch {
    return undefined;
  }
}

function patternOf(path: string): RegExp {
  const parts = path
    .split('/')
    .map((part) => (part === '{path}' ? '.*' : part.startsWith('{') ? '[^/]+' : part.replace('.', '\\.')));
  return new RegExp(`^${parts.join('/')}$`, 's');
}
