import fc from 'fast-check';
import { hostileBody, validBody, type Body, type Bytes } from './bodies.ts';
import { spoiledHead } from './heads.ts';
import { hostileText, hostileValue } from './hostile-values.ts';
import { OPERATIONS, type Operation, type Parameter } from './operations.ts';
import { validValue } from './valid-values.ts';
import { FRAMINGS, type Framing } from './framing.ts';

export type Header = readonly [name: Bytes, value: Bytes];

export interface FuzzRequest {
  /** The operation that it is made for. The daemon may see another in it, or none. */
  readonly operation: string;
  readonly method: string;
  readonly target: Bytes;
  readonly version: string;
  readonly headers: readonly Header[];
  readonly body: Body | undefined;
  readonly framing: Framing;
  /** Its head and its framing are HTTP, so it gets exactly one reply. */
  readonly wellFormed: boolean;
}

/** For paths and queries: escaped, or raw bytes that a URL may not hold. */
const inUrl = (value: unknown): Bytes => encodeURIComponent(String(value).replace(/\p{Cs}/gu, '\ufffd'));
const rawInUrl = fc.oneof(
  hostileText.map(inUrl),
  fc.constantFrom(
    '%',
    '%zz',
    '%E0%A4',
    '%00',
    '%0d%0aX:1',
    '%2e%2e',
    '..',
    '.',
    '%2f',
    ';',
    '~',
    '%F0%9F%92%A5',
    '*',
  ),
);
/** What Node's parser lets through in a header. */
const inHeader = (value: unknown): Bytes =>
  Buffer.from(String(value))
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .trim();

const ACCEPTS = ['*/*', 'application/json', 'text/html', 'text/event-stream', ''];
const ETAGS = ['*', '"x"', 'W/"x"', '"a-gzip"', 'garbage', ',,,', '"'.repeat(200)];
/** Headers that change what a reply is, or that others trip over. */
const optionalHeader: fc.Arbitrary<Header> = fc.oneof(
  fc.constantFrom(...ACCEPTS).map((value): Header => ['Accept', value]),
  fc.constantFrom(...ETAGS).map((value): Header => ['If-None-Match', value]),
  fc.constantFrom('gzip', 'br;q=0', 'zstd, *').map((value): Header => ['Accept-Encoding', value]),
  fc
    .constantFrom('https://evil.example', 'null', 'http://localhost', '\xff')
    .map((value): Header => ['Origin', value]),
  fc.constantFrom('GET', 'PATCH', 'NOPE').map((value): Header => ['Access-Control-Request-Method', value]),
  fc.constantFrom<Header>(
    ...([
      ['Range', 'bytes=0-1'],
      ['Authorization', 'Bearer x'],
      ['Authorization', 'Basic Og=='],
      ['Cookie', 'compositord=x; a'],
      ['X-Forwarded-For', '1.2.3.4, \xff'],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Request-Id', 'a b\tc'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Content-Encoding', 'gzip'],
      ['Forwarded', 'for=unknown'],
    ] as const),
  ),
);

/** Operations whose answer has no end, or comes only when something happens. */
export const ENDLESS: ReadonlySet<string> = new Set([
  'streamManifest',
  'openTileSocket',
  'getChanges',
  'runCommand',
]);

/** Whether the daemon closes the connection behind it, so that nothing may follow. */
export function isLast({ version, headers }: FuzzRequest): boolean {
  return (
    version === 'HTTP/1.0' ||
    headers.some(([name, value]) => name === 'Connection' && /\bclose\b/i.test(value))
  );
}

interface Parts {
  readonly path: Readonly<Record<string, Bytes>>;
  readonly query: readonly (readonly [string, Bytes])[];
  readonly headers: readonly Header[];
}

/** A good request to the operation. */
function validRequest(operation: Operation): fc.Arbitrary<FuzzRequest> {
  const of = (where: string) => operation.parameters.filter((each) => each.in === where);
  const some = (parameters: Parameter[]) =>
    fc.record(Object.fromEntries(parameters.map((each) => [each.name, validValue(each.schema, each.name)])), {
      requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name),
    });
  const parts = fc
    .tuple(
      some(of('path')),
      some(of('query')),
      some(of('header')),
      fc.array(optionalHeader, { maxLength: 2 }),
    )
    .map(([path, query, headers, more]): Parts => ({
      path: Object.fromEntries(
        Object.entries(path).map(([name, value]) => [name, name === 'path' ? String(value) : inUrl(value)]),
      ),
      query: Object.entries(query).flatMap(([name, value]) =>
        [value].flat().map((each) => [name, inUrl(each)] as const),
      ),
      headers: [...more, ...Object.entries(headers).map(([name, value]): Header => [name, inHeader(value)])],
    }));
  const framing = fc.constantFrom<Framing>('length', 'length', 'length', 'chunked');
  return fc.tuple(parts, validBody(operation), framing).map(([each, body, framing]) => {
    const type = operation.body?.types[0];
    const typed: Header[] =
      body && type !== undefined ? [['Content-Type', type.replace('*/*', 'application/json')]] : [];
    return requestOf(operation, each, { body, framing, headers: typed });
  });
}

function requestOf(
  operation: Operation,
  { path, query, headers }: Parts,
  rest: { body: Body | undefined; framing: Framing; headers: Header[] },
): FuzzRequest {
  const url = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '');
  const search = query.map(([name, value]) => `${name}=${value}`).join('&');
  return {
    operation: operation.id,
    method: operation.method,
    target: search === '' ? url : `${url}?${search}`,
    version: 'HTTP/1.1',
    ...rest,
    headers: [['Host', 'localhost'], ...rest.headers, ...headers],
    wellFormed: true,
  };
}

type Change = fc.Arbitrary<(request: FuzzRequest) => FuzzRequest>;

/** One parameter of the wrong value, too much, or twice. */
function spoiledParameter(operation: Operation): Change {
  const changes: Change[] = operation.parameters.map((parameter) => {
    const { name } = parameter;
    const value = hostileValue(parameter.schema, name).map((each) =>
      typeof each === 'string' ? each : JSON.stringify(each),
    );
    if (parameter.in === 'header')
      return value.map((each) => (request) => ({
        ...request,
        headers: [...request.headers, [name, inHeader(each)] as const],
      }));
    const raw = fc.oneof(value.map(inUrl), rawInUrl);
    if (parameter.in === 'query')
      return raw.map((each) => (request) => ({
        ...request,
        target: withQuery(request.target, `${name}=${each}`),
      }));
    return raw.map((each) => (request) => ({
      ...request,
      target: operation.path.replace(/\{(\w+)\}/g, (_, other: string) => (other === name ? each : 'wall')),
    }));
  });
  const extra = fc.tuple(rawInUrl, rawInUrl).map(([name, value]) => (request: FuzzRequest) => ({
    ...request,
    target: withQuery(request.target, `${name}=${value}`),
  }));
  const below = rawInUrl.map((each) => (request: FuzzRequest) => ({
    ...request,
    target: `${request.target.split('?', 1)[0]!}/${each}`,
  }));
  return fc.oneof(...changes, ...changes, extra, below);
}

function withQuery(target: Bytes, pair: Bytes): Bytes {
  return `${target}${target.includes('?') ? '&' : '?'}${pair}`;
}

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'PURGE',
  'QUERY',
];

function spoiledBody(operation: Operation): Change {
  return fc
    .tuple(hostileBody(operation), fc.constantFrom(...FRAMINGS))
    .map(([body, framing]) => (request) => ({
      ...request,
      body,
      ...(body && { framing }),
      wellFormed: request.wellFormed && (!body || framing === 'length' || framing === 'chunked'),
    }));
}

/** A request to the operation: as often as not a good one. */
function anyRequest(operation: Operation): fc.Arbitrary<FuzzRequest> {
  const otherMethod: Change = fc
    .constantFrom(...METHODS)
    .map((method) => (request) => ({ ...request, method }));
  const nothing: Change = fc.constant((request) => request);
  const change = fc.oneof(
    { weight: 16, arbitrary: nothing },
    { weight: 6, arbitrary: spoiledParameter(operation) },
    { weight: operation.body ? 6 : 1, arbitrary: spoiledBody(operation) },
    { weight: 1, arbitrary: otherMethod },
    { weight: 3, arbitrary: spoiledHead },
  );
  return fc
    .tuple(validRequest(operation), change, fc.oneof({ weight: 9, arbitrary: nothing }, spoiledHead))
    .map(([good, first, second]) => second(first(good)));
}

/** Pages that the contract does not have, and URLs that nothing has. */
const unknownTarget = fc
  .tuple(
    fc.constantFrom(
      '/docs/',
      '/docs/static/',
      '/docs/json',
      '/map/',
      '/',
      '/manifest/',
      '//',
      '/compositors/wall/',
    ),
    rawInUrl,
  )
  .map(([start, rest]) => start + rest);

const byOperation = OPERATIONS.map(anyRequest);
const unknown = fc
  .tuple(anyRequest(OPERATIONS[0]!), unknownTarget)
  .map(([request, target]) => ({ ...request, target }));

/** Any request, to each operation as often. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  { weight: 15, arbitrary: fc.oneof(...byOperation) },
  { weight: 1, arbitrary: unknown },
);
