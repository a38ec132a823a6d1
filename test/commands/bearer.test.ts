import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { Program } from '../support/program.ts';

t.test('compositors know the daemon by a token from a file, which nobody else sees', async (t) => {
  const [peer, thief, socket] = await Promise.all([HttpPeer.start(t), HttpPeer.start(t), WsPeer.start(t)]);
  const dir = await temporaryFolder(t);
  const file = join(dir, 'bearer');
  writeFileSync(file, 'hunter2-one\n');
  const section = (id: string, protocol: string, port: number) =>
    `${id}:\n  protocol: ${protocol}\n  address: 127.0.0.1\n  port: ${port}\n  auth: { bearerFile: ${file} }\n`;
  writeFileSync(
    join(dir, 'compositord.yaml'),
    `daemon:\n  connect.interval: 0.2\n  log.level: debug\n${section('wall', 'http', peer.port)}${section('door', 'ws', socket.port)}`,
  );
  const daemon = await startDaemon(t, { dir });
  const sent = () => new Set(peer.requests.map(({ headers }) => headers.authorization));
  await eventually(() => peer.requests.length > 2 && socket.headers !== undefined, 'both are connected to');
  t.strictSame([...sent()], ['Bearer hunter2-one']);
  t.equal(socket.headers?.authorization, 'Bearer hunter2-one');

  await send('POST', `${daemon.url}/compositors/wall/commands`, { command: 'blink' });
  await send('GET', `${daemon.url}/compositors/wall/proxy/health`, undefined, {
    Authorization: 'Bearer mine',
  });
  t.strictSame([...sent()], ['Bearer hunter2-one'], 'commands and forwarded requests, too');

  writeFileSync(file, 'hunter2-two\n');
  daemon.signal('SIGHUP');
  await eventually(() => sent().has('Bearer hunter2-two'), 'another token, without a restart');

  // Whoever may write can change an address, and must not get the token.
  const moved = await send('PATCH', `${daemon.url}/compositors/wall`, { port: thief.port });
  t.equal(moved.status, 200);
  await eventually(() => thief.requests.length > 2, 'the other address is connected to');
  t.ok(thief.requests.every(({ headers }) => headers.authorization === undefined));

  const shown = await Promise.all(
    ['/compositors/wall', '/manifest', '/health', '/compositors/wall/health'].map(async (path) =>
      JSON.stringify((await send('GET', daemon.url + path)).body),
    ),
  );
  const check = new Program(t, process.execPath, [MAIN, 'check'], { cwd: dir });
  t.match(await check.exited, { code: 0 });
  await daemon.stop();
  for (const text of [...shown, check.stdout, check.stderr, daemon.stderr]) t.notMatch(text, /hunter2/);

  rmSync(file);
  const without = new Program(t, process.execPath, [MAIN, 'check'], { cwd: dir });
  t.match(await without.exited, { code: 2 });
  t.match(without.stderr, /compositord\.yaml:\d+:\d+: cannot read .*bearer: there is no such file/);
  writeFileSync(file, 'hunter2 with spaces');
  const wrong = new Program(t, process.execPath, [MAIN, 'check'], { cwd: dir });
  t.match(await wrong.exited, { code: 2 });
  t.match(wrong.stderr, /must contain one bearer token/);
  t.notMatch(wrong.stderr, /hunter2/);
});
