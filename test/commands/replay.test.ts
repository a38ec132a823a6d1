import { join } from 'node:path';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { playForEver } from '../../src/commands/demo.ts';
import { Progress } from '../../src/commands/progress.ts';
import { RetryingClient } from '../../src/commands/http-client.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { RecordingDaemon } from './recording-daemon.ts';

const TRACE = [
  '{"at":100,"compositor":"a","tiles":{"0,0":{"brick":"x","timestamp":100},"1,0":{"brick":"y","timestamp":100.5}}}',
  '{"at":101,"compositor":"b","tiles":{"5,5":{"brick":"z","timestamp":101}}}',
  '{"at":102,"compositor":"a","tiles":{"0,0":null}}',
].join('\n');

const trace = (t: Test, text = TRACE) => join(t.testdir({ 'trace.jsonl': text }), 'trace.jsonl');

t.test('registers, publishes in order with the generation, keeps, and leaves when asked to', async (t) => {
  const daemon = await RecordingDaemon.start(t);
  const terminal = new FakeTerminal();
  const code = commandLine(['replay', trace(t), '--url', daemon.url, '--leave'], terminal);
  await terminal.until('Ctrl-C ends it');
  t.match(
    terminal.out,
    /^3 lines of 2 compositors, 3 tiles set, 1 removed, in [\d.]+ s \(\d+\/s\); cursor 5-00000000\n$/,
  );
  await terminal.interrupt();
  t.equal(await code, 0);
  t.same(daemon.log, [
    'PUT /compositors/a',
    'PUT /compositors/b',
    'PATCH /compositors/a/tiles',
    'PATCH /compositors/b/tiles',
    'PATCH /compositors/a/tiles',
    'DELETE /compositors/a',
    'DELETE /compositors/b',
  ]);
  t.same(
    daemon.requests.map(({ generation }) => generation),
    [undefined, undefined, 'g1', 'g2', 'g1', 'g1', 'g2'],
  );
  t.same(daemon.requests[2]!.body, {
    '0,0': { brick: 'x', timestamp: 100 },
    '1,0': { brick: 'y', timestamp: 100.5 },
  });
  t.same(daemon.requests[4]!.body, { '0,0': null });
  t.match(terminal.err, /100 % 3\/3 lines/);
});

t.test('renews each lease in a third of its time, until Ctrl-C', async (t) => {
  const daemon = await RecordingDaemon.start(t, ({ method }) => {
    const lease = { generation: 'g', ttl: 0.3 };
    return method === 'PUT' ? { status: 200, body: { lease, cursor: '1-0' } } : undefined;
  });
  const terminal = new FakeTerminal();
  const code = commandLine(['replay', trace(t), '--url', daemon.url], terminal);
  await daemon.until('PUT /compositors/b/lease');
  await terminal.until('Ctrl-C ends it');
  await terminal.interrupt();
  t.equal(await code, 0);
  t.ok(daemon.log.includes('PUT /compositors/a/lease'));
  t.equal(daemon.requests.find(({ path }) => path.endsWith('/lease'))!.generation, 'g');
  t.notOk(
    daemon.log.some((line) => line.startsWith('DELETE')),
    'without --leave nothing is taken away',
  );
});

t.test('tries again on 503, on a proxy that says 502, and on a cut connection', async (t) => {
  const failures = [{ status: 503, headers: { 'retry-after': '0' } }, { status: 502 }, 'cut'] as const;
  let tries = 0;
  const daemon = await RecordingDaemon.start(t, ({ method }) =>
    method === 'PATCH' ? failures[tries++] : undefined,
  );
  const terminal = new FakeTerminal();
  const code = commandLine(['replay', trace(t), '--url', daemon.url], terminal);
  await terminal.until('Ctrl-C ends it');
  await terminal.interrupt();
  t.equal(await code, 0);
  const patches = daemon.requests.filter(({ method }) => method === 'PATCH');
  t.equal(patches.length, 6);
  t.same(patches[3], patches[0], 'the same request, word for word');
  t.match(terminal.err, /waiting for .*: 503\n/);
});

t.test('registers again when the daemon forgot it', async (t) => {
  let forgot = false;
  const daemon = await RecordingDaemon.start(t, ({ method, path }) => {
    if (method !== 'PATCH' || path !== '/compositors/b/tiles' || forgot) return undefined;
    forgot = true;
    return { status: 404, body: { type: '/problems/not-found', detail: 'there is no b' } };
  });
  const terminal = new FakeTerminal();
  const code = commandLine(['replay', trace(t), '--url', daemon.url], terminal);
  await terminal.until('Ctrl-C ends it');
  await terminal.interrupt();
  t.equal(await code, 0);
  t.same(daemon.log.slice(3, 6), [
    'PATCH /compositors/b/tiles',
    'PUT /compositors/b',
    'PATCH /compositors/b/tiles',
  ]);
  t.equal(daemon.requests[5]!.generation, 'g3');
});

t.test("a rejected request ends it with the daemon's own message", async (t) => {
  const daemon = await RecordingDaemon.start(t, ({ method }) =>
    method === 'PATCH'
      ? { status: 409, body: { type: '/problems/lease-lost', detail: 'another generation holds a' } }
      : undefined,
  );
  const terminal = new FakeTerminal();
  t.equal(await commandLine(['replay', trace(t), '--url', daemon.url], terminal), 1);
  t.equal(
    terminal.err,
    'compositord replay: PATCH /compositors/a/tiles was answered 409 lease-lost another generation holds a\n',
  );
});

t.test('a malformed trace publishes nothing', async (t) => {
  const daemon = await RecordingDaemon.start(t);
  const terminal = new FakeTerminal();
  t.equal(await commandLine(['replay', trace(t, `${TRACE}\n{`), '--url', daemon.url], terminal), 1);
  t.match(terminal.err, /trace\.jsonl:4: is no JSON\n$/);
  t.same(daemon.log, []);
});

t.test('the retries end', async (t) => {
  const daemon = await RecordingDaemon.start(t, () => ({
    status: 503,
    body: { type: '/problems/store-unavailable' },
  }));
  const { signal } = new AbortController();
  const client = new RetryingClient({ url: daemon.url, signal, giveUpAfter: 0.3 });
  await t.rejects(client.send('/x', { method: 'DELETE' }), {
    name: 'CommandError',
    message: /^DELETE .*\/x: 503 store-unavailable$/,
  });
  t.ok(daemon.requests.length > 1);
  const stopped = new RetryingClient({ url: daemon.url, signal: AbortSignal.abort() });
  await t.rejects(stopped.send('/x', { method: 'DELETE' }), { name: 'AbortError' });
});

t.test('Ctrl-C while it plays ends it, and --leave still leaves', async (t) => {
  const daemon = await RecordingDaemon.start(t);
  const terminal = new FakeTerminal();
  const code = commandLine(['replay', trace(t), '--url', daemon.url, '--rate', '0.001', '--leave'], terminal);
  await daemon.until('PATCH /compositors/a/tiles');
  await terminal.interrupt();
  t.equal(await code, 130, 'it has not done what it was for');
  t.match(terminal.err, /^interrupted before the last line$/m);
  t.same(daemon.log.slice(-2), ['DELETE /compositors/a', 'DELETE /compositors/b']);
  t.equal(daemon.log.filter((line) => line.startsWith('PATCH')).length, 1);
});

t.test('on a terminal there is a bar', async (t) => {
  const daemon = await RecordingDaemon.start(t);
  const terminal = new FakeTerminal({ isTTY: true });
  const code = commandLine(['replay', trace(t), '--url', daemon.url], terminal);
  await terminal.until('Ctrl-C ends it');
  await terminal.interrupt();
  t.equal(await code, 0);
  t.match(terminal.err, /\r\[#{30,40}\] 100 % 3\/3 lines, \d+\/s/);
});

t.test('a bar that has no room is cut: a terminal cannot draw over a line that it has broken', async (t) => {
  let drawn = '';
  const progress = new Progress({ stderr: (text) => (drawn += text), isTTY: true, columns: 16 }, 10, 'tiles');
  progress.update(10);
  t.equal(drawn, '\r100 % 10/10 til\x1b[K');
});

// A backup of 29 entries printed eleven lines into the mail of a cron job.
t.test('where there is no terminal, what is quick has one line', async (t) => {
  let printed = '';
  const terminal = { stderr: (text: string) => (printed += text), isTTY: false, columns: 80 };
  const progress = new Progress(terminal, 29, 'entries saved');
  for (let done = 1; done <= 29; done++) progress.update(done);
  t.match(printed, /^100 % 29\/29 entries saved, \d+\/s\n$/);
});

t.test('wrong arguments', async (t) => {
  const wrong: [string[], RegExp][] = [
    [[], /an argument is missing/],
    [['a', 'b'], /^b: is one argument too many/],
    [['a', '--url', 'ftp://x'], /^--url: must be an http/],
    [['a', '--speed', '0'], /^--speed: must be a number above 0/],
    [['a', '--rate', 'fast'], /^--rate: must be a number above 0/],
    [['a', '--rate', '1', '--speed', '1'], /give one of them/],
    [['a', '--leav'], /^--leav: unknown flag. Did you mean --leave\?/],
  ];
  for (const [args, expected] of wrong) {
    const terminal = new FakeTerminal();
    t.equal(await commandLine(['replay', ...args], terminal), 2, args.join(' '));
    t.match(terminal.err, expected);
  }
});

// What went wrong: only the beginning of --url was looked at. fetch takes no address with a password, so each try failed and
// was waited out for a minute; and behind a `?` the paths became part of the query.
t.test('an address that no request can be built on is a wrong argument', async (t) => {
  for (const url of ['http://u:p@127.0.0.1:1', 'http://127.0.0.1:1/?x', 'http://127.0.0.1:1/#x']) {
    const terminal = new FakeTerminal();
    t.equal(await commandLine(['replay', 'there-is-no-such-trace', '--url', url], terminal), 2, url);
    t.match(terminal.err, /^--url: must be an http/);
  }
});

t.test('the demo starts clean, plays, leaves, and starts again, until it is stopped', async (t) => {
  // Of the ids of an earlier run, b is there; and a goes just before it is removed.
  const daemon = await RecordingDaemon.start(t, ({ method, path, generation }) => {
    if (path === '/compositors?limit=1000')
      return { status: 200, body: { items: [{ id: 'a' }, { id: 'x' }], next: 'x/1' } };
    if (method === 'GET') return { status: 200, body: { items: [{ id: 'b' }], next: null } };
    return path === '/compositors/a' && method === 'DELETE' && generation === undefined
      ? { status: 404 }
      : undefined;
  });
  const stop = new AbortController();
  let rounds = 0;
  const said: string[] = [];
  await playForEver({
    url: daemon.url,
    signal: stop.signal,
    path: trace(t),
    rate: undefined,
    log: { debug: (text: string) => void said.push(text), warn: (text: string) => void said.push(text) },
    onRound: () => {
      if (++rounds === 2) stop.abort();
    },
  });
  const letters = daemon.requests.map(({ method }) => (method === 'PUT' ? 'u' : method[0])).join('');
  t.equal(letters, 'GGDDuuPPPDDGGDDuuPPP');
  t.notOk(daemon.log.includes('DELETE /compositors/x'), 'whatever is not of the trace stays');
  t.ok(daemon.log.includes('GET /compositors?limit=1000&after=x%2F1'));
  t.same(said, Array(2).fill('demo: playing 3 commits of 2 compositors'));
});
