import type { Readable } from 'node:stream';
import { errorCodes, type FastifyContextConfig, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { LongWork } from '../concurrency/long-work.ts';
import { DomainError } from '../domain/errors.ts';
import type { ClientLimits } from '../services/access/client-limits.ts';
import { hasBody } from './body-timeout.ts';
import { invalidFields } from './field-errors.ts';
import { receiveBody } from './receive-body.ts';
import { jsonSize, MOST_LEVELS, MOST_VALUES } from './json-size.ts';
import { decodeUtf8 } from './utf8.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Fields that a body may have, counted in all of its objects. By default {@link FIELDS}. */
    bodyFields?: number;
    /** Members that its outermost object may have, where its schema limits them. */
    bodyEntries?: number;
  }
  interface FastifyRequest {
    hasLargeBody: boolean;
  }
}

/** No body but those of tiles and commands comes near. */
const FIELDS = 1000;

/**
 * Bytes of a body that is parsed, validated and worked on in slices of their own: 1 MiB takes 10 ms in each, and many may come
 * in the same turn of the event loop.
 */
const LARGE = 32 * 1024;

const MEDIA_TYPE = /^[^\s/;,]+\/[^\s/;,]+/;
const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/**
 * Parses JSON bodies without changing them: `__proto__` is an ordinary key (which the schema then rejects), bytes that are
 * not UTF-8 are an error, and an empty body of any type counts as no body.
 */
export function addJsonBody(
  server: FastifyInstance,
  { work, limits }: { readonly work: LongWork; readonly limits: ClientLimits },
): void {
  server.removeAllContentTypeParsers();
  // Clients such as axios and curl name a type for every PUT and DELETE.
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (!hasBody(request.raw)) delete headers['content-type'];
    // Fastify would refuse a malformed type before it is known whether the body is empty.
    else if (!MEDIA_TYPE.test(headers['content-type'] ?? 'a/b'))
      headers['content-type'] = 'application/octet-stream';
    done();
  });
  server.addContentTypeParser('*', (request, payload, done) => {
    const refuse = () => done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
    if (request.headers['content-length'] !== undefined) return refuse();
    // Only its end shows that a chunked body is empty.
    const end = () => done(null, undefined);
    payload.once('end', end).once('error', refuse);
    payload.once('data', () => {
      payload.off('end', end).off('error', refuse);
      refuse();
    });
  });
  server.decorateRequest('hasLargeBody', false);
  server.addContentTypeParser(JSON_TYPES, async (request: FastifyRequest, payload: Readable) => {
    const { bytes, release } = await receiveBody(request, payload, limits);
    try {
      if (bytes.length === 0) return undefined;
      const parse = () => parseBody(bytes, request.routeConfig);
      request.hasLargeBody = bytes.length >= LARGE;
      const { error, value } = request.hasLargeBody ? await parseInSlices(work, parse) : parse();
      if (error) throw error;
      return value;
    } finally {
      release();
    }
  });
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.hasLargeBody) void work.slice().then(() => done());
    else done();
  });
}

interface Parsed {
  readonly error: DomainError | null;
  readonly value?: unknown;
}

/** What follows, the validation, is in a slice of its own, too. */
async function parseInSlices(work: LongWork, parse: () => Parsed): Promise<Parsed> {
  await work.slice();
  const parsed = parse();
  await work.slice();
  return parsed;
}

function parseBody(body: Buffer, limits: FastifyContextConfig): Parsed {
  const tooLarge = sizeProblem(body, limits);
  if (tooLarge) return { error: tooLarge };
  const text = decodeUtf8(body);
  if (text === undefined) return { error: wrongBody('is not UTF-8') };
  try {
    return { error: null, value: JSON.parse(text) as unknown };
  } catch {
    return { error: wrongBody('is not JSON') };
  }
}

function wrongBody(detail: string): DomainError {
  return invalidFields([{ in: 'body', field: '', detail }]);
}

function sizeProblem(
  body: Buffer,
  { bodyFields = FIELDS, bodyEntries = bodyFields }: FastifyContextConfig,
): DomainError | undefined {
  const { levels, fields, entries, values } = jsonSize(body);
  if (levels > MOST_LEVELS) return wrongBody(`has more than ${MOST_LEVELS} levels`);
  // What has many names is what takes long to parse.
  if (entries > bodyEntries)
    return new DomainError('too-large', `the body has more than ${bodyEntries} entries`);
  if (fields > bodyFields) return new DomainError('too-large', `the body has more than ${bodyFields} fields`);
  if (values > MOST_VALUES)
    return new DomainError('too-large', `the body has more than ${MOST_VALUES} values`);
  return undefined;
}

/** JSON with a newline at its end, so that a terminal shows the prompt on the next line. */
export function encodeJson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
