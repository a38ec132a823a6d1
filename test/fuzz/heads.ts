import fc from 'fast-check';
import type { FuzzRequest, Header } from './requests.ts';

type Change = (request: FuzzRequest) => FuzzRequest;

/** Adds headers; `wellFormed` says whether the request still is HTTP. */
const adding =
  (wellFormed: boolean, ...headers: Header[]): Change =>
  (request) => ({
    ...request,
    headers: [...request.headers, ...headers],
    wellFormed: request.wellFormed && wellFormed,
  });

const withHosts =
  (wellFormed: boolean, ...hosts: string[]): Change =>
  (request) => ({
    ...request,
    headers: [...hosts.map((host): Header => ['Host', host]), ...withoutHeader(request, 'host')],
    wellFormed: request.wellFormed && wellFormed,
  });

const withType =
  (...types: string[]): Change =>
  (request) => ({
    ...request,
    headers: [
      ...withoutHeader(request, 'content-type'),
      ...types.map((type): Header => ['Content-Type', type]),
    ],
  });

const withVersion =
  (version: string, wellFormed: boolean): Change =>
  (request) => ({ ...request, version, wellFormed: request.wellFormed && wellFormed });

const withTarget =
  (wellFormed: boolean, change: (target: string) => string): Change =>
  (request) => ({ ...request, target: change(request.target), wellFormed: request.wellFormed && wellFormed });

const withMethod =
  (method: string): Change =>
  (request) => ({ ...request, method, wellFormed: false });

function withoutHeader({ headers }: FuzzRequest, name: string): Header[] {
  return headers.filter(([each]) => each.toLowerCase() !== name);
}

const WEB_SOCKET: Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

const HOSTS: Change[] = [
  withHosts(true),
  withHosts(true, ''),
  withHosts(true, 'evil.example'),
  withHosts(true, 'LOCALHOST:1'),
  withHosts(true, '[::1]:8760'),
  withHosts(true, 'user@localhost'),
  withHosts(true, 'local host'),
  withHosts(true, '\xff'),
  withHosts(true, 'localhost', 'localhost'),
  withHosts(true, 'localhost', 'evil.example'),
  withHosts(true, 'evil.example', 'localhost'),
];

const TARGETS: Change[] = [
  withTarget(true, (target) => `http://localhost${target}`),
  withTarget(true, (target) => `http://evil.example${target}`),
  withTarget(true, (target) => `HTTPS://localhost:1${target}`),
  withTarget(true, (target) => `${target}#fragment`),
  withTarget(true, (target) => `/${target}`),
  withTarget(true, (target) => target.toUpperCase()),
  withTarget(true, (target) => target.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)),
  withTarget(true, (target) => `${target}${target.includes('?') ? '&' : '?'}x=${'y'.repeat(15_000)}`),
  withTarget(false, (target) => `${target}?x=${'y'.repeat(20_000)}`),
  withTarget(false, () => 'localhost:80'),
  withTarget(false, () => '*'),
  withTarget(false, (target) => `ftp://localhost${target}`),
  withTarget(false, (target) => `${target} x`),
  withTarget(false, (target) => `${target}\0`),
  withTarget(false, (target) => `${target}\xe9\xff`),
  withTarget(false, (target) => `${target}\tx`),
  withTarget(false, () => ''),
  withTarget(false, (target) => `${target}\r\nX-Forged: 1`),
];

const HEADERS: Change[] = [
  adding(false, ['X-Nul', 'a\0b']),
  adding(false, ['X-Line', 'a\nX-Forged: 1']),
  adding(false, ['X-Return', 'a\rb']),
  adding(false, ['X-Folded', 'a\r\n b']),
  adding(false, ['X Space', 'a']),
  adding(false, ['X-Space ', 'a']),
  adding(false, ['', 'a']),
  adding(false, ['X-\xff', 'a']),
  adding(true, ['X-Latin', '\x80\xff\t']),
  adding(true, ['X-Long', 'x'.repeat(14_000)]),
  adding(false, ['X-Longer', 'x'.repeat(20_000)]),
  adding(true, ...Array.from({ length: 1200 }, (_, i): Header => [`h${i}`, ''])),
  adding(false, ...Array.from({ length: 3000 }, (_, i): Header => [`h${i}`, 'x'])),
  adding(true, ['__proto__', 'x'], ['constructor', 'y']),
  adding(true, ['If-None-Match', '"a"'], ['If-None-Match', '"b"']),
  adding(true, ['Expect', '100-continue']),
  adding(false, ['Expect', 'everything']),
  adding(false, ['Connection', 'upgrade'], ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABkAAQ']),
  adding(false, ['Connection', 'Upgrade'], ['Upgrade', 'TLS/1.2']),
  adding(false, ['Connection', 'upgrade'], ['Upgrade', 'websocket']),
  adding(false, ...WEB_SOCKET),
  adding(false, ...WEB_SOCKET, ['Origin', 'https://evil.example'], ['Sec-WebSocket-Protocol', 'a, a']),
  adding(true, ['Connection', 'Host, Content-Length, close, \x80']),
  adding(true, ['Keep-Alive', 'timeout=100000']),
  adding(true, ['Trailer', 'Content-Length']),
];

const TYPES: Change[] = [
  withType(),
  ...['', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'].map((each) =>
    withType(each),
  ),
  ...['application/json; charset=utf-16', 'APPLICATION/JSON', 'application/json;', 'application/jsonp'].map(
    (each) => withType(each),
  ),
  ...['application/merge-patch+json', '*/*', '\xff', 'a'.repeat(3000), '__proto__'].map((each) =>
    withType(each),
  ),
  withType('application/json', 'text/plain'),
];

const VERSIONS: Change[] = [
  withVersion('HTTP/1.0', true),
  (request) => adding(true, ['Connection', 'keep-alive'])(withVersion('HTTP/1.0', true)(request)),
  ...['HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/1.1.1', 'http/1.1', 'ICY', ''].map((each) =>
    withVersion(each, false),
  ),
];

const METHODS: Change[] = ['FOO', 'get', 'CONNECT', '', 'GET\0', 'G'.repeat(5000), 'PRI'].map(withMethod);

/** Changes of the head: hosts, targets, headers, types, versions, methods that do not exist. */
export const spoiledHead: fc.Arbitrary<Change> = fc.oneof(
  ...[HOSTS, TARGETS, HEADERS, TYPES, VERSIONS, METHODS].map((changes) => fc.constantFrom(...changes)),
);
