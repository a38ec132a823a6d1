// One replica that cannot write must cost no compositor its lease. nginx sends a renewal that was answered 503 to the
// other replica; a PATCH it does not send twice.
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { forkChild } from '../adapters/child.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';

t.test('a replica whose store is stuck', { timeout: 60_000 }, async (t) => {
  // Two stores, so that one can be stuck alone; nothing of this test is shared but the id.
  const stuck = await startDaemon(t);
  const fine = await startDaemon(t);
  const wall = { name: 'wall', ttl: 3600 };
  for (const { url } of [stuck, fine])
    t.equal((await send('PUT', `${url}/compositors/wall`, wall)).status, 201);
  const nginx = await startNginx(t, { upstreams: [stuck.port, fine.port], site: 'http' });

  const write = (i: number) =>
    send('PATCH', `${nginx.url}/compositors/wall/tiles`, { [`${i % 100},0`]: { brick: `b${i}` } });

  const lock = forkChild(t, 'locking-child.ts', join(stuck.dir, 'store'));
  await once(lock, 'message');
  t.equal((await send('PUT', `${stuck.url}/compositors/wall/lease`)).status, 503, 'it really is stuck');

  const renewals = await Promise.all(
    Array.from({ length: 8 }, () => send('PUT', `${nginx.url}/compositors/wall/lease`)),
  );
  t.strictSame(
    renewals.map(({ status }) => status),
    Array<number>(8).fill(200),
  );
  const reads = await Promise.all(Array.from({ length: 8 }, () => send('GET', `${nginx.url}/manifest`)));
  t.ok(
    reads.every(({ status }) => status === 200),
    'a 503 for a renewal takes no replica away from the readers',
  );

  // It is left alone for a second after each 503 to a renewal, so it takes some writes to meet it.
  let refused = await write(0);
  for (let i = 1; refused.status === 200; i++) refused = await write(i);
  t.equal(refused.status, 503, 'a write is left to whoever sent it');
  t.match(refused.body, { type: /\/problems\/(store-refuses-writes|outcome-unknown)$/ });
  t.ok(refused.headers.get('retry-after'), 'and it is told when to repeat it');
  lock.send('release');
});

// nginx made a 502 of its own when it had more tries left than servers that had not just failed.
t.test('no replica can write', { timeout: 60_000 }, async (t) => {
  const stuck = await startDaemon(t);
  const second = await startDaemon(t, { dir: stuck.dir });
  t.equal((await send('PUT', `${stuck.url}/compositors/wall`, { name: 'wall', ttl: 3600 })).status, 201);
  const nginx = await startNginx(t, { upstreams: [stuck.port, second.port], site: 'http' });
  const lock = forkChild(t, 'locking-child.ts', join(stuck.dir, 'store'));
  await once(lock, 'message');
  for (let round = 0; round < 2; round++) {
    const renewals = await Promise.all(
      Array.from({ length: 10 }, () => send('PUT', `${nginx.url}/compositors/wall/lease`)),
    );
    for (const { status, headers, body } of renewals) {
      t.equal(status, 503, 'the answer of a replica');
      t.match(body, { type: /\/problems\/(store-refuses-writes|outcome-unknown)$/ });
      t.ok(headers.get('retry-after'));
    }
  }
  lock.send('release');
});
