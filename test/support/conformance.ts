import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parse } from 'yaml';
import { FORMATS } from '../../src/plugins/validation.ts';

interface Reply {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}

/** The committed file, not what the app under test would make: it is what clients were promised. */
const contract: unknown = parse(readFileSync(new URL('../../openapi/openapi.yaml', import.meta.url), 'utf8'));

const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, formats: FORMATS });
formats.default(ajv);
ajv.addSchema(closed(contract) as object, 'contract');
const compiled = new Map<string, ValidateFunction>();

/** The data of each event of a stream. */
const EVENTS: Readonly<Record<string, string>> = {
  snapshot: 'Snapshot',
  patch: 'PatchEvent',
  synced: 'Synced',
  bye: 'Bye',
};

/** Throws when `data` (JSON) of an event of a stream is not as the committed contract says. */
export function checkFrame(event: string, data: string): void {
  const name = EVENTS[event];
  if (name === undefined) throw new Error(`the contract has no event ${event}`);
  const wrong = violation(JSON.parse(data), ['components', 'schemas', name]);
  if (wrong !== undefined) throw new Error(`the data of ${event} ${wrong}`);
}

/** Watches every reply of `server`; what is not as the committed contract says is added to `violations`. */
export function watchReplies(server: FastifyInstance, base: string, violations: string[]): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const wrong = wrongWith(request, reply, payload, base);
    if (wrong !== undefined)
      violations.push(`${request.method} ${request.url} ${reply.statusCode}: ${wrong}`);
    done();
  });
}

function wrongWith(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  base: string,
): string | undefined {
  const { url, schema } = request.routeOptions;
  if (request.method === 'OPTIONS' && reply.statusCode === 204) return undefined;
  // Not of the contract: Swagger UI's files, and routes of a test.
  if (url !== undefined && (schema as { hide?: boolean } | undefined)?.hide) return undefined;
  const status = String(reply.statusCode);
  if (url === undefined || ['403', '405'].includes(status)) return wrongProblem(reply, payload);

  const path = (url.slice(base.length) || '/').replace(/:([a-z]+)/g, '{$1}').replace(/\*$/, '{path}');
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
  const place = resolve(['paths', path, method, 'responses', status]);
  if (!place.value) return 'is a reply that the contract does not have';
  const promised = place.value as Reply;
  for (const name of Object.keys(promised.headers ?? {})) {
    const { required } = resolve([...place.pointer, 'headers', name]).value as { required: boolean };
    if (required && reply.getHeader(name) === undefined) return `lacks the header ${name}`;
  }
  if (request.method === 'HEAD') return undefined;
  if (!promised.content) return isEmpty(payload) ? undefined : 'has a body';

  const type = typeOf(reply);
  if (!(type in promised.content)) return `has the type ${type}`;
  if (!type.includes('json')) return undefined;
  const where = [...place.pointer, 'content', type, 'schema'];
  return wrongJson(payload, where) ?? (type.includes('problem') ? wrongProblem(reply, payload) : undefined);
}

/** What stands in the contract at `pointer`, or where the reference there leads. */
function resolve(pointer: readonly string[]): { value: unknown; pointer: readonly string[] } {
  let value: unknown = contract;
  for (const part of pointer) value = (value as Record<string, unknown> | undefined)?.[part];
  const to = (value as { $ref?: string } | undefined)?.$ref;
  return to === undefined ? { value, pointer } : resolve(to.slice('#/'.length).split('/'));
}

/** Of URLs and methods that the contract does not have. */
function wrongProblem(reply: FastifyReply, payload: unknown): string | undefined {
  if (typeOf(reply) !== 'application/problem+json') return `is an error of the type ${typeOf(reply)}`;
  if (reply.statusCode === 405 && reply.getHeader('allow') === undefined) return 'lacks the header Allow';
  const wrong = wrongJson(payload, ['components', 'schemas', 'Problem']);
  if (wrong !== undefined || isEmpty(payload)) return wrong;
  const { status } = JSON.parse(String(payload)) as { status: number };
  return status === reply.statusCode ? undefined : `says status ${status}`;
}

function wrongJson(payload: unknown, pointer: readonly string[]): string | undefined {
  const text = String(payload);
  if (!text.endsWith('\n')) return 'does not end with a newline';
  return violation(JSON.parse(text), pointer);
}

function violation(value: unknown, pointer: readonly string[]): string | undefined {
  const ref = `contract#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  let validate = compiled.get(ref);
  if (!validate) compiled.set(ref, (validate = ajv.compile({ $ref: ref })));
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'the body' });
}

function typeOf(reply: FastifyReply): string {
  return String(reply.getHeader('content-type')).split(';')[0]!;
}

function isEmpty(payload: unknown): boolean {
  return payload === undefined || payload === null || payload === '';
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
