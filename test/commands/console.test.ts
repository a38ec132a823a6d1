import { createServer } from 'node:http';
import t, { type Test } from 'tap';
import { VERBS } from '../../src/commands/console/console-session.ts';
import { fields, json } from '../../src/commands/console/format.ts';
import { completionsOf, wordsOf } from '../../src/commands/console/line.ts';
import { commandLine } from '../../src/commands/command-line.ts';
import { columns, endpointOf } from '../../src/commands/layout.ts';
import { MAIN, startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { script, ScriptTerminal } from './console-script.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** What would act on a terminal instead of being shown. */
const ACTS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b\u2028]/;

const { url } = await startDaemon(t);

t.test('a script registers, looks, stops, starts and removes', async (t) => {
  const made = await script(url, [
    '# a comment, and an empty line',
    '',
    'list',
    'create "Geometry Compositor 1" protocol=http address=127.0.0.1 port=1 version=2.1.0',
    'create name=\'the "second"\' id=two ttl=60',
    'ls',
    'use two',
    'stop',
    'list stopped',
    'start',
    'info',
    'quit',
    'nothing after quit is looked at',
  ]);
  t.match(made, { code: 0, err: '' });
  const lines = made.out.split('\n');
  t.equal(lines[0], 'None.');
  t.match(lines[1], /^geometry-compositor-1 is (registered|disconnected), its lease lasts until \d{4}-/);
  t.match(made.out, /^ {2}geometry-compositor-1 +\w+ +http:\/\/127\.0\.0\.1:1 +Geometry Compositor 1$/m);
  t.match(made.out, /^two is stopped\n +ID .*\n\* +two +stopped +the "second"\ntwo is registered$/m);
  t.match(made.out, /^name +the "second"$/m);
  t.match(made.out, /^lease\.ttl +60$/m);
  const { body } = await send('GET', `${url}/compositors/geometry-compositor-1`);
  t.match(body, { version: '2.1.0', port: 1, ttl: 86400 });
  t.match(await script(url, ['remove two', 'list']), { code: 0, out: /^two is removed\n[^]*geometry/ });
  t.equal((await send('GET', `${url}/compositors/two`)).status, 404);
});

t.test('create without words asks, and a script answers in its next lines', async (t) => {
  const answers = ['Wall', '2.1', 'linux', 'http', '127.0.0.1', '1', ''];
  t.match(await script(url, ['create', ...answers]), { code: 0, out: /^wall is / });
  t.match((await send('GET', `${url}/compositors/wall`)).body, {
    name: 'Wall',
    version: '2.1',
    platform: 'linux',
    protocol: 'http',
    address: '127.0.0.1',
    port: 1,
  });
  t.match(await script(url, ['create', 'Bare', '', '', '', '60']), { code: 0 });
  const { body } = await send('GET', `${url}/compositors/bare`);
  t.match(body, { ttl: 60 });
  t.notOk('protocol' in body || 'version' in body);
  t.match(await script(url, ['create', 'Short']), {
    code: 1,
    err: 'compositord console: line 1: create: no line answers: Version (may be empty):\n',
  });
  t.match(await script(url, ['create', 'X', '', '', 'gopher']), {
    code: 1,
    err: /"gopher" is no answer to: Protocol/,
  });
});

t.test('the first failure ends a script, which line it was is said, and the exit code is 1', async (t) => {
  for (const [line, why] of [
    ['lst', 'there is no lst. Did you mean list? help lists the commands.'],
    ['start', 'say which one, or select it with: use <id>'],
    ['start no/body', '"no/body" is no id; list shows them'],
    ['start Nobody', 'not-found: no compositor "nobody" is registered'],
    ['start nobody', 'not-found: no compositor "nobody" is registered'],
    ['use nobody', 'not-found: no compositor "nobody" is registered'],
    ['remove', 'usage: remove <id>'],
    ['list a b', 'usage: list [status]'],
    ['wait nobody merry', 'merry is no status: registered, connected, disconnected, stale, stopped'],
    ['create x=1', 'there is no field x=: id= name= version= platform= protocol= address= port= ttl='],
    ['create X port=http', 'port= must be a whole number'],
    [
      'create X port=0 ttl=0',
      'invalid-request: several fields are wrong\n  /port: must be >= 1\n  /ttl: must be >= 1',
    ],
    ['watch', 'in a script, watch needs count=N'],
    ['watch count=0', 'count= must be a whole number above 0'],
    ['watch no/body count=1', '"no/body" is no id; list shows them'],
    ['step reload', 'no compositor is connected'],
    ['send a reload {"a":', 'the parameters must be JSON, such as {"scene": "lobby"}: {"a":'],
    ['info "a', 'a quote is opened and not closed'],
  ] as const) {
    const { code, out, err } = await script(url, ['', line, 'create Later']);
    t.equal(code, 1, line);
    t.equal(out, '', line);
    t.equal(err, `compositord console: line 2: ${line}: ${why}\n`);
  }
  t.equal((await send('GET', `${url}/compositors/later`)).status, 404, 'nothing after it was done');
});

t.test('as a process, in a pipe', async (t) => {
  const shell = (lines: string) =>
    new Program(t, 'sh', [
      '-c',
      `printf '${lines}' | "$0" "$1" console --url ${url}`,
      process.execPath,
      MAIN,
    ]);
  const good = shell('create Pipe\\nwatch pipe count=1');
  t.match(await good.exited, { code: 0 });
  t.match(
    good.stdout,
    /^pipe is registered.*\nstream connected\nsnapshot reason="initial" tiles=0 compositors=1\n$/,
  );
  const bad = shell('info nobody\\nlist');
  t.match(await bad.exited, { code: 1 });
  t.match(bad.stderr, /^compositord console: line 1: info nobody: not-found/);
});

t.test('a daemon that is away, or none', async (t) => {
  const closed = await freePort();
  t.match(await script(`http://127.0.0.1:${closed}`, ['list']), {
    code: 1,
    err: `compositord console: line 1: list: no daemon answers at http://127.0.0.1:${closed}: ECONNREFUSED\n`,
  });
  const page = await serve(t, 200, '{}');
  t.match(await script(page, ['list']), { code: 1, err: /what answers at \S+ is no compositord/ });
  const proxy = await serve(t, 502, '<html>');
  t.match(await script(proxy, ['list']), { code: 1, err: /the answer was HTTP status 502/ });
  const terminal = new FakeTerminal();
  t.equal(await commandLine(['console', '--url=ftp://x'], terminal), 2);
  t.match(terminal.err, /^--url: must be/);
});

t.test('SIGTERM ends a script, which has then failed', async (t) => {
  const terminal = new ScriptTerminal(['watch count=2', 'create Later']);
  const code = commandLine(['console', '--url', url], terminal);
  await terminal.until('snapshot');
  await terminal.interrupt('SIGTERM');
  t.equal(await code, 143);
});

t.test('what others have said cannot act on the terminal', async (t) => {
  const evil = '\x1b]0;owned\x07\x9b2J\u202e\u2028\u200bx';
  const entry = {
    id: evil,
    name: evil,
    status: evil,
    address: evil,
    protocol: evil,
    [evil]: { [evil]: [evil] },
  };
  const pages: Record<string, unknown> = {
    '/compositors?limit=1000': { items: [entry], next: null },
    '/compositors/a': { ...entry, compositor: entry },
    '/compositors/a/commands': {
      ok: true,
      answer: { [evil]: [evil, 'x'.repeat(200)] },
      took: 0,
      cursor: evil,
    },
    '/compositors/b/commands': { ok: false, answer: evil, error: evil, took: 0, cursor: null },
  };
  const url = await serve(t, 200, (path) => JSON.stringify(pages[path]));
  const seen = await script(url, ['list', 'info a', 'stop a', 'send a x', 'send b x']);
  t.equal(seen.code, 1);
  t.notMatch(seen.out + seen.err, ACTS);
  t.match(seen.out, /\\x9b2J\\u\{202e\}/);
  t.match(seen.err, /line 5: send b x: \\x1b\]0;owned/);
  const sick = await serve(
    t,
    400,
    JSON.stringify({ type: evil, detail: evil, errors: [{ field: evil }, { detail: evil }] }),
  );
  const told = await script(sick, ['list']);
  t.notMatch(told.err, ACTS);
  t.match(told.err, /several fields are wrong\n {2}\\x1b\]0;owned/);
});

t.test('words, and the rest of a line', (t) => {
  t.same(wordsOf('  a  "b c" d=\'e f\'g ""'), ['a', 'b c', 'd=e fg', '']);
  t.same(wordsOf('send a run {"it\'s": "5 \\" wide"} ', 3), ['send', 'a', 'run', '{"it\'s": "5 \\" wide"}']);
  t.same(wordsOf('', 2), []);
  for (const line of ['"', "a'", 'a "b', 'a "b"\''])
    t.throws(() => wordsOf(line), /opened and not closed/, line);
  t.end();
});

t.test('completions', async (t) => {
  const known = {
    verbs: VERBS,
    names: VERBS.map(({ name }) => name),
    ids: async () => ['wall', 'wall-2', 'roof'],
    commands: async (id?: string) =>
      id === 'roof' ? ['terminal.spawn', 'terminal.resize', 'scan'] : ['reload'],
  };
  const complete = async (typed: string) => completionsOf(typed, known);
  t.same(await complete('st'), [['start', 'stop', 'step'], 'st']);
  t.same(await complete('  lis'), [['list '], 'lis']);
  t.same(await complete('info w'), [['wall', 'wall-2'], 'w']);
  t.same(await complete('send r'), [['roof '], 'r']);
  t.same(await complete('send roof t'), [['terminal.spawn', 'terminal.resize'], 't']);
  t.same(await complete('send roof s'), [['scan '], 's']);
  t.same(await complete('send roof scan {'), [[], '{']);
  t.same(await complete('step r'), [['reload '], 'r'], 'of those that the line is for');
  t.same(await complete('START A'), [['all '], 'A'], 'in any case');
  t.same(await complete('Info W'), [['wall', 'wall-2'], 'W']);
  t.same(await complete('create w'), [[], 'w']);
  t.same(await complete('nothing w'), [[], 'w']);
});

t.test('layout', (t) => {
  t.equal(
    columns([
      ['a', 'bb', 'c'],
      ['aaa', '', 'd'],
    ]),
    'a    bb  c\naaa      d',
  );
  t.equal(columns([]), '');
  t.equal(
    fields({ a: 'x', b: { c: 1, d: { e: null } }, f: [1, 'y'], g: {} }),
    'a      x\nb.c    1\nb.d.e  null\nf      [1,"y"]',
  );
  t.equal(json({ a: 1 }), '{"a":1}');
  t.equal(json(undefined), 'null');
  t.equal(json({ a: 'x'.repeat(100) }), `{\n  "a": "${'x'.repeat(100)}"\n}`);
  t.equal(endpointOf({}), '');
  t.equal(endpointOf({ address: '::1', port: 1 }), 'http://[::1]:1');
  t.equal(endpointOf({ protocol: 'wss', address: 'wall.local' }), 'wss://wall.local');
  t.equal(endpointOf({ protocol: 'libp2p', address: '/ip4/127.0.0.1/tcp/1' }), '/ip4/127.0.0.1/tcp/1');
  t.end();
});

async function serve(t: Test, status: number, body: string | ((path: string) => string)): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : body(request.url ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
