import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { ERROR_KINDS } from '../../src/domain/errors.ts';
import { FORMATS } from '../../src/plugins/validation.ts';

/**
 * The committed file, not what the app under test would make: it is what clients were promised. The build of the tests puts it
 * there as JSON.
 */
export const contract: unknown = JSON.parse(
  readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'),
);

interface PromisedReply {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}

/** A reply, whether it came over a socket or is about to be sent. */
export interface CheckedReply {
  readonly method: string;
  /** As the contract spells it; undefined: a URL that the contract does not have. */
  readonly path: string | undefined;
  readonly status: number;
  /** Takes names in lower case. */
  readonly header: (name: string) => unknown;
  /** Undefined: none. */
  readonly body: string | undefined;
}

const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, formats: FORMATS });
formats.default(ajv);
ajv.addSchema(closed(contract) as object, 'contract');
const compiled = new Map<string, ValidateFunction>();

/** The data of each event of a stream. */
const EVENTS: Readonly<Record<string, string>> = {
  opened: 'Opened',
  snapshot: 'Snapshot',
  view: 'ViewEvent',
  patch: 'PatchEvent',
  synced: 'Synced',
  bye: 'Bye',
};

/** Throws when `data` (JSON) of an event of a stream is not as the committed contract says. */
export function checkFrame(event: string, data: string): void {
  const name = EVENTS[event];
  if (name === undefined) throw new Error(`the contract has no event ${event}`);
  const value = JSON.parse(data) as object;
  const schema = 'areas' in value ? `Overview${name.replace('Event', '')}` : name;
  const wrong = violation(value, ['components', 'schemas', schema]);
  if (wrong !== undefined) throw new Error(`the data of ${event} ${wrong}`);
}

/** What about a reply is not as the committed contract says; undefined: nothing. */
export function wrongReply(reply: CheckedReply): string | undefined {
  const { path, body } = reply;
  const status = String(reply.status);
  if (path === undefined || ['403', '405'].includes(status)) return wrongProblem(reply);

  const method = reply.method === 'HEAD' ? 'get' : reply.method.toLowerCase();
  const place = resolve(['paths', path, method, 'responses', status]);
  if (!place.value) return 'is a reply that the contract does not have';
  const promised = place.value as PromisedReply;
  for (const name of Object.keys(promised.headers ?? {})) {
    const { required } = resolve([...place.pointer, 'headers', name]).value as { required: boolean };
    if (required && reply.header(name.toLowerCase()) === undefined) return `lacks the header ${name}`;
  }
  if (reply.method === 'HEAD') return undefined;
  if (!promised.content) return body === undefined ? undefined : 'has a body';

  const type = typeOf(reply);
  if (!(type in promised.content)) return `has the type ${type}`;
  if (!type.includes('json')) return undefined;
  const where = [...place.pointer, 'content', type, 'schema'];
  return wrongJson(body, where) ?? (type.includes('problem') ? wrongProblem(reply) : undefined);
}

/** Of URLs and methods that the contract does not have. */
function wrongProblem(reply: CheckedReply): string | undefined {
  const { status, body } = reply;
  if (typeOf(reply) !== 'application/problem+json') return `is an error of the type ${typeOf(reply)}`;
  if (status === 405 && reply.header('allow') === undefined) return 'lacks the header Allow';
  if (reply.method === 'HEAD') return undefined;
  const wrong = wrongJson(body, ['components', 'schemas', 'Problem']);
  if (wrong !== undefined) return wrong;
  const problem = JSON.parse(body!) as { status: number; type: string };
  if (problem.status !== status) return `says status ${problem.status}`;
  const kind = /\/problems\/([a-z-]+)$/.exec(problem.type)?.[1] ?? '';
  return (ERROR_KINDS as readonly string[]).includes(kind) ? undefined : `has the type ${problem.type}`;
}

/** What stands in the contract at `pointer`, or where the reference there leads. */
export function resolve(pointer: readonly string[]): { value: unknown; pointer: readonly string[] } {
  let value: unknown = contract;
  for (const part of pointer) value = (value as Record<string, unknown> | undefined)?.[part];
  const to = (value as { $ref?: string } | undefined)?.$ref;
  return to === undefined ? { value, pointer } : resolve(to.slice('#/'.length).split('/'));
}

function wrongJson(body: string | undefined, pointer: readonly string[]): string | undefined {
  if (!body?.endsWith('\n')) return 'does not end with a newline';
  return violation(JSON.parse(body), pointer);
}

function violation(value: unknown, pointer: readonly string[]): string | undefined {
  const ref = `contract#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  let validate = compiled.get(ref);
  if (!validate) compiled.set(ref, (validate = ajv.compile({ $ref: ref })));
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'the body' });
}

function typeOf(reply: CheckedReply): string {
  return String(reply.header('content-type')).split(';')[0]!;
}

/** Replies may grow, so the contract leaves their objects open; our own have no field that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'examples' ? value : closed(value)]),
  );
  const isObject = copy['type'] === 'object' && 'properties' in copy;
  return isObject && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}
