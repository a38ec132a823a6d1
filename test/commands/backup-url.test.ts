// backup --url: from a daemon that sends all of it, a part, or something else.
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { startRedis } from '../support/redis-server.ts';
import { tokenFor } from '../support/tokens.ts';
import { FakeTerminal } from './fake-terminal.ts';

const none = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

async function run(argv: string[], env: Record<string, string> = {}) {
  const terminal = new FakeTerminal({ readFile: none, env });
  const code = await commandLine(argv, terminal);
  return { code, out: terminal.out, err: terminal.err };
}

async function serverOf(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('a daemon with tokens is saved and restored by somebody who may do everything', async (t) => {
  const folder = await temporaryFolder(t);
  const boss = tokenFor('boss', ['admin']);
  const { app, inject } = await build(t, { settings: { auth: [boss.entry], basePath: '/map' } });
  const { headers } = boss;
  await inject({ method: 'PUT', url: '/map/compositors/wall', payload: { name: 'Wall' }, headers });
  const tiles = { '0,0': { brick: 'a', timestamp: 1 } };
  await inject({ method: 'PATCH', url: '/map/compositors/wall/tiles', payload: tiles, headers });
  const url = await app.listen();
  const file = join(folder, 'map.gz');
  t.match(await run(['backup', file, '--url', url]), {
    code: 1,
    out: '',
    err: /was answered 401 unauthorized /,
  });
  const saved = await run(['backup', file, '--url', url], { COMPOSITORD_TOKEN: boss.token });
  t.match(saved, { code: 0, out: /^\S+: 1 tile of 1 compositor, 0 regions, 2 commits at 2-/ });
  t.notMatch(saved.err, boss.token);
  t.match(await run(['restore', file, `--store=file:${join(folder, 'b')}`]), { code: 0 });
  t.match(await run(['inspect', `file:${join(folder, 'b')}`]), { code: 0, out: /^tiles +1$/m });
});

t.test('what is cut is begun again, twice, and then nothing is left', async (t) => {
  const folder = await temporaryFolder(t);
  const { app } = await build(t);
  const whole = (await app.server.inject('/backup')).rawPayload;
  let cuts = 2;
  const url = await serverOf(t, (_request, reply) => {
    reply.setHeader('content-type', 'application/gzip');
    if (cuts-- > 0) reply.write(whole.subarray(0, 50), () => reply.destroy());
    else reply.end(whole);
  });
  const file = join(folder, 'map.gz');
  const saved = await run(['backup', file, '--url', url]);
  t.match(saved, { code: 0, err: /^the backup from http:\S+ was cut: \S.*; once more\n.*; once more\n/ });
  t.same(await readFile(file), whole);
  cuts = 99;
  t.match(await run(['backup', file, '--url', url]), {
    code: 1,
    err: /^compositord backup: the backup from .* was cut/m,
  });
  t.equal(cuts, 96);
  t.same(await readFile(file), whole, 'the one from before stays');
  t.same(await readdir(folder), ['map.gz']);
});

t.test('what is no daemon, an older one, or a wrong file, says so', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'map.gz');
  const cases: [RequestListener, RegExp][] = [
    [(_, reply) => reply.writeHead(404).end(), /answered 404: is the daemon older than this command\?/],
    [(_, reply) => reply.writeHead(302, { location: '/x' }).end(), /answered 302/],
    [(_, reply) => reply.end('<html>'), /is no daemon that can be backed up/],
    [
      (_, reply) => reply.writeHead(200, { 'content-type': 'application/gzip' }).end('hello'),
      /is no archive/,
    ],
    [(_, reply) => reply.writeHead(500).end('\u001b[31m'), /answered 500\n/],
    [(_, reply) => reply.writeHead(503, { 'retry-after': '0.001' }).end('{}'), /answered 503\n/],
  ];
  for (const [answer, message] of cases) {
    const url = await serverOf(t, answer);
    t.match(await run(['backup', file, '--url', url]), { code: 1, out: '', err: message });
  }
  t.same(await readdir(folder), []);
});

t.test(
  'a daemon that has lost its store still has the map: it is saved, and everybody gets a new lease',
  async (t) => {
    const folder = await temporaryFolder(t);
    const redis = await startRedis(t);
    const { app, inject } = await build(t, { settings: { store: redis.url } });
    await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
    await inject({
      method: 'PATCH',
      url: '/compositors/wall/tiles',
      payload: { '0,0': { brick: 'a', timestamp: 1 } },
    });
    const url = await app.listen();
    await redis.stop('SIGKILL');
    const file = join(folder, 'map.gz');
    const saved = await run(['backup', file, '--url', url]);
    t.match(saved, {
      code: 0,
      out: /: 1 tile of 1 compositor, /,
      err: /^The store is away: .*, and without leases\.$/m,
    });
    t.match(await run(['inspect', file]), { code: 0, out: /, without its store$/m });
    const store = `file:${join(folder, 'b')}`;
    t.match(await run(['restore', file, `--store=${store}`]), {
      code: 0,
      err: /^The archive has no leases: /m,
    });
    const other = await build(t, { settings: { store } });
    await eventually(async () => (await other.app.store.leases()).leases.length === 1, 'a lease');
    t.match(await other.inject('/compositors/wall'), { json: { status: 'registered' } });
  },
);
