// What went wrong: a password was sent to the servers alone, so that sentinels which want one, as those of the Bitnami chart do, were
// never asked successfully. The daemon waited for ever, and said no more than that no sentinel answers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openRedis } from '../../src/backend/redis-backend.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { RedisAccess } from '../../src/domain/redis-access.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { eventually } from '../failures/eventually.ts';
import { makeAuthority } from '../support/authority.ts';
import { documentedUser } from '../support/acl-user.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { startRedis } from '../support/redis-server.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import { startTlsRedis, tlsArgs } from '../support/redis-tls.ts';
import { headOf, startError } from '../support/store-start.ts';

const dir = t.testdir();
const authority = makeAuthority(dir);

function passwordFile(name: string, password: string): string {
  const path = join(dir, name);
  writeFileSync(path, `${password}\n`);
  return path;
}

async function open(t: Test, address: string, access: RedisAccess = {}) {
  const backend = await openRedis({
    address: parseRedisAddress(address),
    access,
    namespace: 'test',
    clock: new SystemClock(),
    log: loud,
  });
  t.teardown(() => closeBackend(backend));
  return backend;
}

const line = (about: RegExp) => ({
  name: 'Error',
  message: new RegExp(`^The [^\\n]*${about.source}[^\\n]*\\.$`),
});

t.test('a password that servers and sentinels share, by the address alone', async (t) => {
  const server = await startRedis(t, { args: ['--requirepass', 'pw'] });
  const lines = ['requirepass pw', 'sentinel auth-pass mymaster pw'];
  const { port } = await startSentinel(t, server.port, { lines });
  for (const login of [':pw', 'default:pw', 'pw']) {
    const { store, nodes } = await open(t, `redis+sentinel://${login}@127.0.0.1:${port}/mymaster`);
    t.equal(await headOf(store), GENESIS, login);
    await eventually(
      () => nodes.all.some((node) => node.port === server.port),
      'the server is known',
      60_000,
    );
  }
  t.match(
    await startError(() => open(t, `redis+sentinel://127.0.0.1:${port}/mymaster`)),
    line(/its sentinel 127\.0\.0\.1:\d+: it requires a password; redis\.sentinel\.passwordFile names one/),
  );
  const wrong = await startError(() => open(t, `redis+sentinel://:wrong@127.0.0.1:${port}/mymaster`));
  t.match(wrong, line(/its sentinel .*: it refuses the user or the password; redis\.sentinel\./));
  t.notMatch(String(wrong), 'wrong@');
});

t.test('sentinels with a user and a password of their own', async (t) => {
  const server = await startRedis(t, { args: ['--requirepass', 'of-servers'] });
  const user = documentedUser('sentinel-user');
  const { port } = await startSentinel(t, server.port, {
    lines: [`user ${user.rules.join(' ')}`, 'user default off', 'sentinel auth-pass mymaster of-servers'],
  });
  const address = `redis+sentinel://:of-servers@127.0.0.1:${port}/mymaster`;
  const sentinel = { user: 'sentinel-user', passwordFile: passwordFile('sentinels', 'password') };
  const { store, nodes } = await open(t, address, { sentinel });
  t.equal(await headOf(store), GENESIS);
  await eventually(() => nodes.all.some((node) => node.port === server.port), 'the server is known', 60_000);
  t.match(
    await startError(() => open(t, address)),
    line(/its sentinel .*: it refuses the user or the password/),
  );
});

t.test('a password of the servers is not told to sentinels that want none', async (t) => {
  const server = await startRedis(t, { args: ['--requirepass', 'pw'] });
  const sentinel = await startSentinel(t, server.port, { lines: ['sentinel auth-pass mymaster pw'] });
  const { store } = await open(t, `redis+sentinel://:pw@127.0.0.1:${sentinel.port}/mymaster`);
  t.equal(await headOf(store), GENESIS);
  const stats = await sentinel.client().info('commandstats');
  t.notMatch(stats, /cmdstat_auth:/, 'they were asked, and nobody logged in');
});

t.test('TLS of both, and of one of them', async (t) => {
  const pair = authority.issue('server');
  const server = await startTlsRedis(t, authority, { shows: pair, args: ['--tls-replication', 'yes'] });
  const tls = tlsArgs(authority, pair, 'no');
  const over = await startSentinel(t, server.tlsPort, { tls });
  const plain = await startSentinel(t, server.tlsPort, {
    tls,
    listens: 'plain',
    lines: ['requirepass secret'],
  });
  const ca = { ca: authority.ca };
  const both = await open(t, `rediss+sentinel://127.0.0.1:${over.port}/mymaster`, ca);
  t.equal(await headOf(both.store), GENESIS);
  t.match(
    await startError(() => open(t, `rediss+sentinel://127.0.0.1:${over.port}/mymaster`)),
    line(/its sentinel .*: its TLS is not accepted: .*redis\.ca/),
  );
  const own = { ...ca, sentinel: { tls: false, passwordFile: passwordFile('plain', 'secret') } };
  const one = await open(t, `rediss+sentinel://127.0.0.1:${plain.port}/mymaster`, own);
  t.equal(await headOf(one.store), GENESIS);
  t.match(
    await startError(() =>
      open(t, `rediss+sentinel://:secret@127.0.0.1:${plain.port}/mymaster`, {
        ...ca,
        sentinel: { tls: false },
      }),
    ),
    line(/its sentinel .*: it requires a password/),
    'the password of servers over TLS does not go over a plain connection',
  );
});

t.test('one sentinel of several is enough, and a name that none knows is said', async (t) => {
  const server = await startRedis(t);
  const { port } = await startSentinel(t, server.port);
  const { store } = await open(t, `redis+sentinel://127.0.0.1:1,localhost:${port}/mymaster`);
  t.equal(await headOf(store), GENESIS);
  const lost = await open(t, `redis+sentinel://127.0.0.1:${port}/other`);
  await eventually(
    () =>
      lost.store.head().then(
        () => false,
        (error: unknown) => String(error).includes('it knows no master with the name "other"'),
      ),
    'the name is said',
    60_000,
  );
});
