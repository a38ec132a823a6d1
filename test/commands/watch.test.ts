import { createServer } from 'node:http';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { printable } from '../../src/commands/printable.ts';
import { changesOf, wholeSnapshot } from '../../src/commands/watch/changes.ts';
import { Rates } from '../../src/commands/watch/rates.ts';
import { draw } from '../../src/commands/watch/watch-screen.ts';
import type { WatchState } from '../../src/commands/watch/watcher.ts';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** What would act on a terminal instead of being shown. */
const ACTS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b\u2028]/;

t.test('plain lines, one a change, until there were enough', async (t) => {
  const { url } = await startDaemon(t);
  const terminal = new FakeTerminal();
  const code = commandLine(['watch', '--url', url, '--count', '5'], terminal);
  await terminal.until('snapshot');
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall "1"' });
  await send('PATCH', `${url}/compositors/wall/tiles`, { '3,-4': { brick: 'a b.png' } });
  await terminal.until('tile 3,-4');
  await send('DELETE', `${url}/compositors/wall`);
  t.equal(await code, 0);
  const lines = terminal.out.trimEnd().split('\n');
  t.ok(lines.every((line) => /^\d{4}-\d\d-\d\dT\S+Z \S+ \S/.test(line)));
  t.same(
    lines.map((line) => line.replace(/^\S+ (\d+)?\S+ /, '$1 ')),
    [
      ' stream connected',
      '0 snapshot reason="initial" tiles=0 compositors=0',
      '1 compositor wall status="registered" name="Wall \\"1\\""',
      '2 tile 3,-4 brick="a b.png" by=wall',
      '3 compositor wall removed',
      '3 tile 3,-4 removed by=wall',
    ],
  );
});

t.test('only what is in view', async (t) => {
  const { url } = await startDaemon(t);
  for (const id of ['a', 'b']) await send('PUT', `${url}/compositors/${id}`, { name: id });
  const terminal = new FakeTerminal();
  const args = ['watch', '--url', url, '--view=0,0,9,9', '--compositor', 'a', '--count', '2'];
  const code = commandLine(args, terminal);
  await terminal.until('snapshot');
  await send('PATCH', `${url}/compositors/b/tiles`, { '1,1': { brick: 'no.png' } });
  await send('PATCH', `${url}/compositors/a/tiles`, { '10,1': { brick: 'no.png' } });
  await send('PATCH', `${url}/compositors/a/tiles`, { '2,2': { brick: 'yes.png' } });
  t.equal(await code, 0);
  t.notMatch(terminal.out, /no\.png/);
  t.match(terminal.out, /tile 2,2 brick="yes.png" by=a/);
});

t.test('an overview: its areas as they change', async (t) => {
  const { url } = await startDaemon(t);
  for (const id of ['a', 'b']) await send('PUT', `${url}/compositors/${id}`, { name: id });
  await send('PATCH', `${url}/compositors/a/tiles`, { '0,0': { brick: 'a.png' }, '9,9': { brick: 'a.png' } });
  const terminal = new FakeTerminal();
  const code = commandLine(['watch', '--url', url, '--zoom=3', '--view=0,0,20,5', '--count', '4'], terminal);
  await terminal.until('snapshot');
  const tiles = { '1,1': { brick: 'b.png' }, '7,7': { brick: 'b.png' }, '9,9': { brick: 'b.png' } };
  await send('PATCH', `${url}/compositors/b/tiles`, tiles);
  await terminal.until('area 0,0');
  await send('PATCH', `${url}/compositors/a/tiles`, { '0,0': null });
  await terminal.until('tiles=2');
  await send('PATCH', `${url}/compositors/b/tiles`, { '1,1': null, '7,7': null });
  t.equal(await code, 0);
  t.match(terminal.out, / snapshot reason="initial" areas=1 compositors=2\n/);
  t.match(terminal.out, / area 0,0 tiles=3 owners="b:2 a:1"\n/);
  t.match(terminal.out, / area 0,0 tiles=2 owners="b:2"\n.* area 0,0 removed\n$/);
  t.notMatch(terminal.out, / area 1,1 | tile /, 'what is not in view');

  const live = new FakeTerminal({ size: { columns: 60, rows: 12 } });
  const ended = commandLine(['watch', '--url', url, '--zoom=16'], live);
  await live.until('1 areas of 2 compositors');
  await live.interrupt();
  t.equal(await ended, 0);
});

t.test('a live screen: follows the size of its window, and gives the terminal back', async (t) => {
  const { url } = await startDaemon(t);
  const terminal = new FakeTerminal({ size: { columns: 60, rows: 12 } });
  const code = commandLine(['watch', '--url', url], terminal);
  await terminal.until('connected');
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
  await send('PATCH', `${url}/compositors/wall/tiles`, { '3,-4': { brick: 'wall.png' } });
  await terminal.until('tile 3,-4 brick="wall.png" by=wall');
  terminal.size = { columns: 7, rows: 2 };
  await terminal.until('\x1b[Hhttp://\x1b[K\r\nconnect\x1b[K\x1b[J');
  await terminal.interrupt();
  t.equal(await code, 0);
  t.ok(
    terminal.out.startsWith('\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H') || terminal.out.startsWith('\x1b[?1049h'),
  );
  t.ok(terminal.out.endsWith('\x1b[?7h\x1b[?25h\x1b[?1049l'), 'the cursor is back');
});

t.test('a daemon that goes and comes back', async (t) => {
  const first = await startDaemon(t);
  const terminal = new FakeTerminal();
  const code = commandLine(['watch', '--url', first.url, '--count', '2'], terminal);
  await terminal.until('snapshot');
  await first.stop();
  await terminal.until('- stream bye reason="shutdown"\n');
  const second = await startDaemon(t, { dir: first.dir, port: first.port });
  await send('PUT', `${second.url}/compositors/wall`, { name: 'Wall' });
  t.equal(await code, 0);
  t.match(terminal.out, /stream connected\n.*compositor wall/);
});

t.test('a hostile daemon cannot reach the terminal', async (t) => {
  const evil = '\x1b]0;owned\x07\x9b2J\u202e\u2028\u200bx';
  const patch = {
    time: evil,
    compositors: { [evil]: { id: evil, name: evil, status: evil } },
    tiles: { [evil]: { brick: evil, compositor: evil, timestamp: 1 }, '0,0': null },
    areas: { [evil]: { tiles: evil, owners: [[evil, evil], evil] }, '0,0': { tiles: 1, owners: evil } },
  };
  const frames = [
    `id: 1-00000000~\nevent: snapshot\ndata: ${JSON.stringify({ reason: evil, compositors: {}, tiles: {} })}`,
    `id: 1-00000000\nevent: synced\ndata: {}`,
    `id: 2-00000000\nevent: patch\ndata: ${JSON.stringify(patch)}`,
    `id: ${evil.replace('\u2028', '')}\nevent: patch\ndata: {"tiles":null,"compositors":[],"time":5}`,
    `id: 3-00000000\nevent: patch\ndata: no JSON`,
    `event: bye\ndata: ${JSON.stringify({ reason: evil })}`,
  ];
  const url = await serveFrames(t, frames);
  for (const size of [undefined, { columns: 200, rows: 50 }]) {
    const terminal = new FakeTerminal(size ? { size } : {});
    const code = commandLine(['watch', '--url', url], terminal);
    await terminal.until(size ? 'bye reason' : 'stream bye');
    await terminal.interrupt();
    t.equal(await code, 0);
    const own = /\x1b\[(\?\d+[hl]|[HJK])|\r\n/g;
    t.notMatch(terminal.out.replace(own, '\n'), ACTS);
    t.match(terminal.out, /\\x9b2J\\u\{202e\}/);
  }
});

t.test('wrong flags', async (t) => {
  for (const [args, err] of [
    [['--url=ftp://x'], /--url: must be/],
    [['--view=1,2'], /--view: must be/],
    [['--compositor=A B'], /--compositor: "A B" is no id/],
    [['--zoom=17'], /--zoom: must be 0 to 16/],
    [['--zoom=-1'], /--zoom: must be/],
    [['--zoom=1.5'], /--zoom: must be/],
    [['--count=0'], /--count: must be/],
    [['--count=x'], /--count: must be/],
  ] as const) {
    const terminal = new FakeTerminal();
    t.equal(await commandLine(['watch', ...args], terminal), 2);
    t.match(terminal.err, err);
  }
});

t.test('the changes in an event', async (t) => {
  const held = { compositor: 'wall' };
  const copy = { tiles: new Map([['0,0', held]]), regions: new Map([['Ra', held]]) };
  const event = (name: string, data: unknown) => ({
    type: 'event' as const,
    event: name,
    data: JSON.stringify(data),
    longestLine: 0,
  });
  t.match(changesOf(event('patch', { tiles: { '0,0': null } }), copy), [
    { text: 'tile 0,0 removed by=wall' },
  ]);
  const region = { rect: '0,0,9,9', compositor: 'desk', exclusive: true };
  t.match(changesOf(event('patch', { regions: { Ra: null, Rb: region } }), copy), [
    { kind: 'region', compositor: 'wall', text: 'region Ra released by=wall' },
    { kind: 'region', compositor: 'desk', text: 'region Rb rect="0,0,9,9" exclusive by=desk' },
  ]);
  const whole = { ...copy, view: {}, areas: new Map(), compositors: new Map() };
  t.match(wholeSnapshot('"gap"', event('synced', {}), whole), {
    text: 'snapshot reason="gap" tiles=1 compositors=0 regions=1',
  });
  t.same(changesOf(event('synced', { revision: 1 }), copy), []);
  t.same(changesOf(event('patch', null), copy), []);
  t.equal(printable('wall é 漢 \n\ud800'), 'wall é 漢 \\x0a\\u{d800}');
});

t.test('rates look back a few seconds', async (t) => {
  const rates = new Rates();
  t.same(rates.at(0), { commits: 0, cells: 0, delay: undefined });
  for (let i = 0; i < 50; i++) rates.add({ at: i * 100, commits: 2, cells: 10, delay: i });
  t.same(rates.at(4900), { commits: 100 / 4.9, cells: 500 / 4.9, delay: 25 });
  t.same(rates.at(20_000), { commits: 0, cells: 0, delay: undefined });
});

t.test('a screen of any size is never overfilled', async (t) => {
  const state: WatchState = {
    url: 'http://h',
    view: 'the whole map',
    connection: 'connected',
    cursor: '1-00000000',
    degraded: true,
    cells: 1,
    unit: 'tiles',
    compositors: 1,
    rates: { commits: 1, cells: 1, delay: 3 },
    reconnects: 0,
    busiest: [['wall', 'registered', 3]],
    recent: Array.from({ length: 99 }, (_, i) => `change ${i}`),
  };
  for (const rows of [1, 5, 10, 40]) {
    const lines = draw(state, { columns: 10, rows }).split('\r\n');
    t.ok(lines.length <= rows);
    t.ok(lines.every((line) => line.replace(/\x1b\[[HJK]/g, '').length <= 10));
  }
});

async function serveFrames(t: Test, frames: readonly string[]): Promise<string> {
  const port = await freePort();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    for (const frame of frames) response.write(`${frame}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}
