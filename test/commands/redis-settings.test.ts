import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { makeAuthority } from '../support/authority.ts';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { startTlsRedis } from '../support/redis-tls.ts';

const SECRET = 'hunter2';

async function command(t: Test, cwd: string, ...args: string[]) {
  const program = new Program(t, process.execPath, [MAIN, ...args], { cwd });
  const { code } = await program.exited;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

t.test('serve, check, backup, restore and inspect take the same settings, and say no secret', async (t) => {
  const dir = await temporaryFolder(t);
  const authority = makeAuthority(dir);
  const args = ['--requirepass', SECRET];
  const server = await startTlsRedis(t, authority, { clients: 'yes', args });
  const store = `rediss://127.0.0.1:${server.tlsPort}`;
  writeFileSync(join(dir, 'password'), `${SECRET}\n`);
  const { cert, key } = authority.issue('client');
  const redis = { passwordFile: 'password', ca: authority.ca, cert, key };
  writeFileSync(join(dir, 'compositord.yaml'), JSON.stringify({ daemon: { store, redis } }));

  const daemon = await startDaemon(t, { dir, store });
  t.match(await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 }), { status: 201 });
  const tile = { '0,0': { brick: 'a' } };
  t.match(await send('PATCH', `${daemon.url}/compositors/wall/tiles`, tile), { status: 200 });
  const health = await send('GET', `${daemon.url}/health`);
  t.notMatch(JSON.stringify(health.body), SECRET);

  const check = await command(t, dir, 'check');
  t.match(check, { code: 0, stdout: /redis\.cert +\S+client\.crt/ });
  const backup = await command(t, dir, 'backup', 'all.gz');
  t.match(backup, { code: 0 });
  const restore = await command(t, dir, 'restore', 'all.gz', `--store=${store}/2`);
  t.match(restore, { code: 0, stdout: /1 tile/ });
  const inspect = await command(t, dir, 'inspect', `${store}/2`);
  t.match(inspect, { code: 0, stdout: /tiles +1\n/ });
  const wrong = await command(t, dir, 'inspect', '--redis-ca', cert);
  t.match(wrong, { code: 1, stderr: /redis\.ca/ });
  const both = await command(t, dir, 'check', `--store=rediss://:${SECRET}@127.0.0.1`);
  t.match(both, { code: 2, stderr: /redis\.passwordFile is given, and store holds a password/ });
  for (const { stdout, stderr } of [check, backup, restore, inspect, wrong, both])
    t.notMatch(`${stdout}${stderr}`, SECRET);

  await daemon.stop();
  t.notMatch(daemon.stderr, SECRET);
});
