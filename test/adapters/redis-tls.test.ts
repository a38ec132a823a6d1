import { join } from 'node:path';
import t from 'tap';
import { makeCertificate } from '../support/certificate.ts';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from '../support/program.ts';
import { startRedis } from '../support/redis-server.ts';

t.test('rediss:// is TLS whose certificate is checked', async (t) => {
  const dir = await temporaryFolder(t);
  makeCertificate(dir);
  const [key, certificate] = [join(dir, 'privkey.pem'), join(dir, 'fullchain.pem')];
  const port = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  const redis = await startRedis(t, {
    args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'],
  });
  const store = `rediss://127.0.0.1:${port}`;

  const daemon = await startDaemon(t, { store, env: { NODE_EXTRA_CA_CERTS: certificate } });
  const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"name":"Wall"}' };
  t.equal((await fetch(`${daemon.url}/compositors/wall`, put)).status, 201);
  const [hash] = await redis.client().keys('*:compositors');
  t.equal(await redis.client().hexists(hash!, 'wall'), 1, 'and it is kept there');

  const args = [MAIN, 'serve', `--listen=127.0.0.1:${await freePort()}`, `--store=${store}`];
  const stranger = new Program(t, process.execPath, args, { cwd: await temporaryFolder(t) });
  t.match(await stranger.exited, { code: 1 });
  t.match(
    stranger.stderr,
    /^compositord serve: The Redis at .*: its TLS is not accepted: self-signed certificate/,
  );
});
