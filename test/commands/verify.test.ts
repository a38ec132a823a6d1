import t from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { runVerify } from './verify-run.ts';

const compositorsOf = async (url: string) =>
  ((await send('GET', `${url}/compositors`)).body as { items: { id: string }[] }).items.map(({ id }) => id);

t.test('a sound daemon keeps every promise, and what was there stays', async (t) => {
  const { url } = await startDaemon(t);
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
  await send('PATCH', `${url}/compositors/wall/tiles`, { '3,-4': { brick: 'wall.png' } });
  const { code, report, named } = await runVerify([`${url}/`], 8);
  t.same(named('broken'), []);
  t.same(named('not checked'), []);
  t.equal(code, 0);
  t.same(report.left, []);
  t.same(await compositorsOf(url), ['wall']);
  t.same(Object.keys((await send('GET', `${url}/manifest`)).body.tiles), ['3,-4']);
});

t.test('two daemons that share one folder keep every promise at both', async (t) => {
  const one = await startDaemon(t);
  const two = await startDaemon(t, { dir: one.dir });
  const { code, report, named } = await runVerify([one.url, two.url], 5);
  t.same(named('broken'), [], JSON.stringify(report.promises.filter(({ result }) => result === 'broken')));
  t.equal(code, 0);
  t.same(await compositorsOf(two.url), []);
});

t.test('two daemons that share nothing are no deployment', async (t) => {
  const [one, two] = [await startDaemon(t), await startDaemon(t)];
  const { code, named } = await runVerify([one.url, two.url], 3);
  t.equal(code, 1);
  // Which promise shows it first depends on how far the readers came in so short a time.
  t.ok(named('broken').length > 0);
  t.same([...(await compositorsOf(one.url)), ...(await compositorsOf(two.url))], []);
});

t.test('a daemon that is killed and comes back breaks nothing; the outage is counted', async (t) => {
  const first = await startDaemon(t);
  const reader = new ConformanceClient({ url: first.url });
  reader.connect();
  const verified = runVerify([first.url], 8);
  await reader.until(({ copy: { tiles } }) => tiles.size > 5);
  await reader.disconnect();
  await first.stop('SIGKILL');
  const second = await startDaemon(t, { dir: first.dir, port: first.port });
  const { code, report, named } = await verified;
  t.same(named('broken'), [], JSON.stringify(report.promises.filter(({ result }) => result === 'broken')));
  t.equal(code, 0);
  t.ok(report.totals.unanswered > 0);
  t.ok(named('kept').includes('durable'));
  t.same(await compositorsOf(second.url), []);
});

t.test('Ctrl-C takes everything away and proves nothing', async (t) => {
  const { url } = await startDaemon(t);
  const terminal = new FakeTerminal({ isTTY: true });
  const code = commandLine(['verify', url, '--seconds', '60'], terminal);
  await terminal.until('readers exact');
  const reader = new ConformanceClient({ url });
  reader.connect();
  await reader.until(({ copy: { tiles } }) => tiles.size > 5);
  await reader.disconnect();
  await terminal.interrupt();
  t.equal(await code, 130);
  t.match(terminal.err, /interrupted; it has proven nothing/);
  t.same(await compositorsOf(url), []);
});

t.test('for people: a line a promise, progress on a terminal', async (t) => {
  const { url } = await startDaemon(t);
  const terminal = new FakeTerminal({ isTTY: true });
  t.equal(await commandLine(['verify', url, '--seconds=3'], terminal), 0);
  t.match(terminal.out, /^kept +atomic +a commit is seen whole or not at all \(/m);
  // On a busy machine three seconds are too short for some.
  t.match(terminal.out, /^23 promises: \d+ kept, 0 broken, \d+ not checked$/m);
  t.match(terminal.err, /\r\d of 3 s, \d+ writes, \d+ of 11 readers exact/);
  t.ok(terminal.err.endsWith('\r\x1b[K'), 'the progress leaves no trace');
});

t.test('nobody there, or wrong flags: 2', async (t) => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const asked = async (...args: string[]) => {
    const terminal = new FakeTerminal();
    return { code: await commandLine(['verify', ...args], terminal), err: terminal.err };
  };
  t.match(await asked(nobody), { code: 2, err: /no compositord answers at http/ });
  t.match(await asked(), { code: 2, err: /an argument is missing/ });
  t.match(await asked('ftp://x'), { code: 2, err: /must be an http\(s\) address/ });
  t.match(await asked(nobody, 'http://u:p@h'), { code: 2, err: /must be an http\(s\) address/ });
  t.match(await asked(nobody, '--seconds=1'), { code: 2, err: /--seconds: must be 3 to 86400/ });
});
