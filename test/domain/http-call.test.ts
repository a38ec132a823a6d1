import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import {
  BACKENDS,
  COMMAND_METHODS,
  MAX_COMMANDS,
  parseCommandRoutes,
  type CommandRoute,
  type CommandRoutes,
} from '../../src/domain/command-routes.ts';
import { makeCompositor, type CompositorFields } from '../../src/domain/compositor.ts';
import { callOf, httpCallOf, listCommands, parametersOf, routesOf } from '../../src/domain/http-call.ts';
import { law } from './law.ts';

const made = (fields: Partial<CompositorFields>) =>
  makeCompositor({
    ...{ id: 'wall', name: 'Wall', registeredAt: 'then', protocol: 'http', address: '127.0.0.1', port: 1 },
    ...fields,
  });
const commands: CommandRoutes = {
  spawn: { method: 'POST', path: '/api/terminal/spawn' },
  resize: { method: 'POST', path: '/api/terminal/{id}/resize' },
  destroy: { method: 'DELETE', path: '/api/terminal/{id}' },
  scan: { method: 'GET', path: '/api/scan' },
};

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

t.test('the path takes its parameters, the body the rest', async (t) => {
  const call = (name: string, params?: unknown) => httpCallOf(made({ commands }), name, params);
  t.same(call('spawn', { rows: 24 }), { method: 'POST', path: '/api/terminal/spawn', body: { rows: 24 } });
  t.same(call('spawn'), { method: 'POST', path: '/api/terminal/spawn', body: {} });
  t.same(call('spawn', [1]), { method: 'POST', path: '/api/terminal/spawn', body: [1] }, 'any JSON value');
  t.same(call('resize', { id: 7, rows: 2 }), {
    method: 'POST',
    path: '/api/terminal/7/resize',
    body: { rows: 2 },
  });
  t.same(call('destroy', { id: 'a b/../c' }), { method: 'DELETE', path: '/api/terminal/a%20b%2F..%2Fc' });
  t.same(call('destroy', { id: 1, force: true }), {
    method: 'DELETE',
    path: '/api/terminal/1',
    body: { force: true },
  });
  t.same(call('scan'), { method: 'GET', path: '/api/scan' });
  t.same(call('scan', { q: 'a&b=c', deep: false }), {
    method: 'GET',
    path: '/api/scan?q=a%26b%3Dc&deep=false',
  });
});

t.test('a command that it does not have, and parameters that do not fit, name the field', async (t) => {
  const cases: [command: string, params: unknown, field: string][] = [
    ['zoom', {}, '/command'],
    ['constructor', {}, '/command'],
    ['resize', undefined, '/params/id'],
    ['resize', {}, '/params/id'],
    ['resize', { id: '' }, '/params/id'],
    ['resize', { id: '.' }, '/params/id'],
    ['resize', { id: '..' }, '/params/id'],
    ['resize', { id: null }, '/params/id'],
    ['resize', { id: { a: 1 } }, '/params/id'],
    ['resize', { id: '\ud800' }, '/params/id'],
    ['resize', { id: 'x'.repeat(10_000) }, '/params'],
    ['resize', [7], '/params'],
    ['resize', 'text', '/params'],
    ['resize', null, '/params'],
    ['scan', { a: [1] }, '/params/a'],
    ['scan', { a: 'x'.repeat(10_000) }, '/params'],
    ['scan', 4, '/params'],
  ];
  for (const [command, params, field] of cases)
    t.match(
      errorOf(() => httpCallOf(made({ commands }), command, params)),
      { kind: 'invalid-request', extras: { errors: [{ in: 'body', field }] } },
      `${command} ${inspect(params).slice(0, 40)}`,
    );
  t.throws(() => httpCallOf(made({ commands }), 'zoom', {}), /it has destroy, resize, scan, spawn$/);
  t.throws(() => httpCallOf(made({ commands: {} }), 'zoom', {}), /it has none/);
});

t.test('whose commands are known', async (t) => {
  const backend = 'infinite_map_rs';
  t.equal(routesOf(made({})), undefined);
  t.equal(httpCallOf(made({}), 'zoom', {}), undefined, 'it takes any as it comes');
  t.same(routesOf(made({ link: 'connected', info: { backend } })), BACKENDS[backend]);
  const scan = { method: 'POST', path: '/my/scan' } as const;
  const own = { x: { method: 'GET', path: '/x' }, scan } as const;
  t.same(
    routesOf(made({ commands: own, link: 'connected', info: { backend } })),
    { ...BACKENDS[backend], ...own },
    'its own come on top, and first',
  );
  t.same(routesOf(made({ commands: {}, link: 'connected', info: { backend } })), BACKENDS[backend]);
  t.same(routesOf(made({ commands: own, link: 'connected', info: { backend: 'other' } })), own);
  t.equal(routesOf(made({ link: 'connected', info: { backend: 'constructor' } })), undefined);
  t.equal(routesOf(made({ link: 'disconnected', info: { backend } })), undefined);
  for (const protocol of ['ws', 'wss', 'libp2p'] as const)
    t.equal(routesOf(made({ protocol, commands, info: { backend } })), undefined, protocol);
  t.equal(routesOf(made({ address: undefined, commands })), undefined, 'it dials in: there is no HTTP');
  t.same(listCommands(made({})), { commands: [], others: true });
  t.match(listCommands(made({ commands })), {
    commands: [
      { name: 'destroy', method: 'DELETE', path: '/api/terminal/{id}', params: ['id'] },
      { name: 'resize' },
      { name: 'scan', params: [] },
      { name: 'spawn' },
    ],
    others: false,
  });
});

t.test('commands are bounded, and equal ones are equal as JSON', async (t) => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, { method: 'GET', path: '/x' }]));
  t.ok(parseCommandRoutes(many(MAX_COMMANDS)));
  t.equal(parseCommandRoutes(many(MAX_COMMANDS + 1)), undefined);
  t.equal(parseCommandRoutes({ a: { method: 'GET', path: `/${'x'.repeat(256)}` } }), undefined);
  t.equal(parseCommandRoutes({ ['x'.repeat(65)]: { method: 'GET', path: '/x' } }), undefined);
  const turned = { b: { path: '/b', method: 'GET' }, a: { path: '/a', method: 'GET' } };
  t.equal(
    JSON.stringify(parseCommandRoutes(turned)),
    '{"a":{"method":"GET","path":"/a"},"b":{"method":"GET","path":"/b"}}',
  );
  for (const [backend, routes] of Object.entries(BACKENDS))
    t.same(parseCommandRoutes(routes), routes, `${backend} keeps the rules for all`);
});

const segment = fc.oneof(
  fc.constantFrom('api', 'a.b', '...', "it's", '(x)'),
  fc.constantFrom('{id}', '{other}'),
);
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join('/')}`);

law(
  t,
  'whatever the parameters, the request goes to the registered path, with them and nothing else in their places',
  [
    fc.record({ method: fc.constantFrom(...COMMAND_METHODS), path }),
    fc.dictionary(
      fc.constantFrom('id', 'other', 'more'),
      fc.oneof(fc.string({ unit: 'binary' }), fc.integer()),
    ),
  ],
  (route: CommandRoute, params: Record<string, string | number>) => {
    assert.ok(parseCommandRoutes({ command: route }));
    let target: string;
    try {
      target = callOf(route, params).path;
    } catch (error) {
      assert.equal((error as { kind?: string }).kind, 'invalid-request');
      return;
    }
    const url = new URL(`http://wall${target}`);
    assert.equal(url.hostname, 'wall');
    const wanted = route.path.split('/').map((part) => {
      const [name] = parametersOf(part);
      return name === undefined ? part : String(params[name]);
    });
    assert.deepEqual(url.pathname.split('/').map(decodeURIComponent), wanted);
  },
);
