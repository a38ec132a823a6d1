import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { RedisAccess } from '../../src/domain/redis-access.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { Author } from '../contract/author.ts';
import { stateOf, tilePatch } from '../contract/samples.ts';
import { eventually } from '../failures/eventually.ts';
import { makeAuthority } from '../support/authority.ts';
import { startTlsRedis } from '../support/redis-tls.ts';
import { headOf, startError } from '../support/store-start.ts';

const clock = new SystemClock();
const dir = t.testdir();
const ours = makeAuthority(dir, 'ours');
const theirs = makeAuthority(dir, 'theirs');
const client = ours.issue('client');

async function open(t: Test, where: string, access: RedisAccess): Promise<RedisStore> {
  const store = await RedisStore.open({
    address: parseRedisAddress(where),
    access,
    namespace: 'test',
    clock,
  });
  t.teardown(() => store.close());
  return store;
}

/** The one line that a start ends with. */
const line = (about: RegExp) => ({
  name: 'Error',
  message: new RegExp(`^The [^\\n]*${about.source}[^\\n]*\\.$`),
});

t.test('an authority of its own, and a certificate for the client', async (t) => {
  const server = await startTlsRedis(t, ours, { clients: 'yes' });
  const store = await open(t, `rediss://127.0.0.1:${server.tlsPort}/3`, { ca: ours.ca, ...client });
  const author = await Author.join(store);
  await author.write(tilePatch({ '0,0': 'a' }));
  t.equal((await stateOf(store)).manifest.tiles.get('0,0')?.brick, 'a');
  const redis = server.client();
  await redis.select(3);
  t.equal(await redis.xlen('{test}:log'), 1, 'in the database that the address names');
});

t.test('each way in which TLS fails names the setting that mends it', async (t) => {
  const start = (port: number, access: RedisAccess) => open(t, `rediss://127.0.0.1:${port}`, access);
  const server = await startTlsRedis(t, ours);
  t.match(await startError(() => start(server.tlsPort, {})), line(/TLS is not accepted: .*redis\.ca/));
  t.match(
    await startError(() => start(server.tlsPort, { ca: theirs.ca })),
    line(/TLS is not accepted: .*redis\.ca/),
  );

  const old = await startTlsRedis(t, ours, { shows: ours.issue('old', { days: -1 }) });
  t.match(await startError(() => start(old.tlsPort, { ca: ours.ca })), line(/its certificate.* has expired/));

  const named = await startTlsRedis(t, ours, { shows: ours.issue('named', { names: 'DNS:cache.example' }) });
  t.match(await startError(() => start(named.tlsPort, { ca: ours.ca })), line(/redis\.serverName/));
  const store = await start(named.tlsPort, { ca: ours.ca, serverName: 'cache.example' });
  t.equal(await headOf(store), GENESIS, 'the name is checked in place of the address');
  t.match(
    await startError(() => start(server.tlsPort, { ca: ours.ca, serverName: 'cache.example' })),
    line(/redis\.serverName/),
  );

  const strict = await startTlsRedis(t, ours, { clients: 'yes' });
  t.match(
    await startError(() => start(strict.tlsPort, { ca: ours.ca })),
    line(/requires a certificate.*redis\.cert/),
  );
  const foreign = { ca: ours.ca, ...theirs.issue('client') };
  t.match(
    await startError(() => start(strict.tlsPort, foreign)),
    line(/does not accept the certificate in redis\.cert/),
  );
  const expired = { ca: ours.ca, ...ours.issue('expired', { days: -1 }) };
  t.match(
    await startError(() => start(strict.tlsPort, expired)),
    line(/certificate in redis\.cert has expired/),
  );
  t.match(
    await startError(() => start(strict.tlsPort, { ca: ours.ca, cert: client.cert, key: expired.key })),
    line(/redis\.key/),
  );
  t.match(
    await startError(() => start(strict.tlsPort, { ca: join(dir, 'absent.crt') })),
    line(/redis\.ca cannot be read/),
  );
});

t.test(
  'TLS where none is spoken, and the reverse: it may be a server that is merely away, so it is asked',
  async (t) => {
    const server = await startTlsRedis(t, ours);
    const tls = await open(t, `rediss://127.0.0.1:${server.port}`, { ca: ours.ca });
    await eventually(
      () => isAway(tls, /handshake of TLS; does it speak TLS/),
      'said of a plain port',
      60_000,
    );
    const plain = await open(t, `redis://127.0.0.1:${server.tlsPort}`, {});
    await eventually(() => isAway(plain, /does it want TLS \(rediss\)\?/), 'said of a port for TLS', 60_000);
  },
);

t.test('files that are replaced count from the next connection on', async (t) => {
  const ca = join(dir, 'mounted.crt');
  copyFileSync(ours.ca, ca);
  const server = await startTlsRedis(t, ours);
  const store = await open(t, `rediss://127.0.0.1:${server.tlsPort}`, { ca });
  const author = await Author.join(store);
  await author.write(tilePatch({ '0,0': 'a' }));
  const redis = server.client();
  const shown = theirs.issue('server');
  const files = { 'tls-cert-file': shown.cert, 'tls-key-file': shown.key, 'tls-ca-cert-file': theirs.ca };
  await redis.call('CONFIG', 'SET', ...Object.entries(files).flat());
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await eventually(() => isAway(store, /redis\.ca/), 'the new certificate is not trusted yet', 60_000);
  copyFileSync(theirs.ca, ca);
  await eventually(
    () =>
      store.head().then(
        (head) => head === author.head,
        () => false,
      ),
    'the new one is',
    60_000,
  );
});

/** Whether calls to the store fail with a message like this. */
async function isAway(store: RedisStore, like: RegExp): Promise<boolean> {
  return store.head().then(
    () => false,
    (error: unknown) => like.test((error as Error).message),
  );
}
