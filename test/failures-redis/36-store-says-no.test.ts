// FAILURES 36. The store says no: full, READONLY, NOPERM, too few replicas, an eviction policy found later, frozen. Log, /health and the metrics
// name which, within 3 s and once, though nobody writes; and they say when it is over. (A full disk: test/incidents/disk.test.ts; a password:
// test/incidents/redis.test.ts.)
import t from 'tap';
import { named, over, storeLines } from '../incidents/incident.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis-server.ts';

t.test(
  'each is named, one after the other, on one daemon that nobody writes to',
  { timeout: 150_000 },
  async (t) => {
    const redis = await startRedis(t, { args: ['--user', 'app', 'on', '>pw', '~*', '&*', '+@all'] });
    t.teardown(() => redis.thaw());
    const store = `redis://app:pw@127.0.0.1:${redis.port}`;
    const daemon = await startDaemon(t, { store, args: ['--log-level=warn'] });
    const client = redis.client();
    const set = (name: string, value: string) => () => client.config('SET', name, value);
    const acl = (rule: string) => () => client.call('ACL', 'SETUSER', 'app', rule);
    const cases: [state: string, reason: string, fault: () => unknown, mend: () => unknown][] = [
      ['refusing', 'full', set('maxmemory', '1mb'), set('maxmemory', '0')],
      ['refusing', 'too-few-replicas', set('min-replicas-to-write', '1'), set('min-replicas-to-write', '0')],
      [
        'refusing',
        'read-only',
        () => client.replicaof('127.0.0.1', '1'),
        () => client.replicaof('NO', 'ONE'),
      ],
      ['refusing', 'right-missing', acl('-xadd'), acl('+xadd')],
      ['away', 'right-missing', acl('-xrevrange'), acl('+xrevrange')],
      ['at-risk', 'evicting', set('maxmemory-policy', 'allkeys-lfu'), set('maxmemory-policy', 'noeviction')],
      ['away', 'frozen', () => redis.freeze(), () => redis.thaw()],
    ];
    for (const [state, reason, fault, mend] of cases) {
      await fault();
      await named(t, daemon, state, reason);
      await mend();
      await over(daemon);
    }
    const said = storeLines(daemon).map((line) => [line.state, line.reason]);
    const expected = cases.flatMap(([state, reason]) => [
      [state, reason],
      ['ok', undefined],
    ]);
    t.strictSame(said, expected, 'each once');
  },
);
