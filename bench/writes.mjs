import { cpuSeconds } from './lab.mjs';
import { interleaved, middle, written } from './measure.mjs';
import { startEtcd } from './etcd.mjs';
import { fill, wire } from './tiles.mjs';

const CONNECTIONS = 256;
const ROUNDS = 5;
const TOGETHER = 100;

/** Registrations and tile writes beside etcd's JSON gateway, both with their fsync. */
export async function writes(lab) {
  // Every registration of every round stays.
  const daemon = await lab.daemon(['--quota-compositors=200000']);
  await fill(daemon.url, 'wall', 1);
  const etcd = await startEtcd(lab);
  const load = lab.worker('http-load');
  const base64 = (text) => Buffer.from(text).toString('base64');
  const json = (method, path, value) => wire(method, path, { body: JSON.stringify(value) });
  const tile = (n, round) => ({ brick: `brick-${round}-${n}.rts.png` });
  const put = (key, value) => ({ key: base64(key), value: base64(JSON.stringify(value)) });
  const range = (count) => Array.from({ length: count }, (_, n) => n);

  let lastLease = 0;
  const newLease = () => (lastLease += 1);

  const kinds = [
    {
      what: 'registrations',
      unit: 1,
      ours: (round) =>
        range(8000).map((n) =>
          json('POST', '/compositors', { id: `c-${round}-${n}`, name: `c ${n}`, ttl: 3600 }),
        ),
      // Two requests: a lease, and the entry that ends with it.
      other: (round) =>
        range(8000).map((n) => {
          const lease = newLease();
          const entry = put(`c/${round}-${n}`, { name: `c ${n}`, ttl: 3600 });
          return [
            json('POST', '/v3/lease/grant', { TTL: 3600, ID: lease }),
            json('POST', '/v3/kv/put', { ...entry, lease }),
          ];
        }),
      target: 1,
    },
    {
      what: 'writes of one tile',
      unit: 1,
      ours: (round) =>
        range(2000).map((n) => json('PATCH', '/compositors/wall/tiles', { [`${n},0`]: tile(n, round) })),
      other: (round) => range(2000).map((n) => json('POST', '/v3/kv/put', put(`t/${n},0`, tile(n, round)))),
      target: 1.5,
    },
    {
      what: `tiles, ${TOGETHER} in a request`,
      unit: TOGETHER,
      ours: (round) =>
        range(200).map((n) =>
          json(
            'PATCH',
            '/compositors/wall/tiles',
            row(n, (x) => tile(x, round)),
          ),
        ),
      other: (round) =>
        range(200).map((n) => {
          const puts = range(TOGETHER).map((x) => ({ requestPut: put(`t/${x},${n}`, tile(x, round)) }));
          return json('POST', '/v3/kv/txn', { success: puts });
        }),
      target: 3,
    },
  ];
  const rows = [];
  for (const { what, unit, ours, other, target } of kinds) {
    const side = (server, port, requests) => async (round) => {
      const before = cpuSeconds(server.pid);
      const all = requests(`${what.length}-${round}-${Date.now() % 100_000}`);
      const { rate, count, statuses } = await load.call('run', {
        port,
        connections: CONNECTIONS,
        ms: 500,
        requests: all,
      });
      if (!Object.keys(statuses).every((status) => status.startsWith('20')))
        throw new Error(`${what}: ${JSON.stringify(statuses)}`);
      return { rate: rate * unit, cpu: (cpuSeconds(server.pid) - before) / count };
    };
    const sides = {
      ours: side(daemon, daemon.port, ours),
      ...(etcd && { etcd: side(etcd, etcd.port, other) }),
    };
    await interleaved(sides, 1);
    const results = await interleaved(sides, ROUNDS);
    const mine = middle(results.ours, 'rate');
    const row = { what: `${what} per second`, ours: written(mine, '/s'), target };
    if (!etcd) rows.push({ ...row, other: 'not here', beside: '(etcd)' });
    else {
      const theirs = middle(results.etcd, 'rate');
      const cpu = middle(results.etcd, 'cpu') / middle(results.ours, 'cpu');
      rows.push({
        ...row,
        other: written(theirs, '/s'),
        beside: what === 'registrations' ? 'etcd, lease grant and put' : 'etcd',
        ratio: mine / theirs,
        note: `by CPU ${cpu.toFixed(2)}`,
      });
    }
  }
  return rows;
}

function row(y, make) {
  return Object.fromEntries(Array.from({ length: TOGETHER }, (_, x) => [`${x},${y}`, make(x)]));
}
