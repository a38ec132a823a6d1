import { cpuSeconds } from './lab.mjs';
import { startEtcd } from './etcd.mjs';
import { interleaved, middle, written } from './measure.mjs';
import { ask, wire } from './tiles.mjs';

const IN_FLIGHT = 1024;
const CONNECTIONS = 256;
const LINKS = 16;
const ROUNDS = 5;

/** Single tiles over the links of compositors that dialed in, beside etcd's `put`, both with their fsync. */
export async function links(lab) {
  const daemon = await lab.daemon();
  const paths = [];
  for (let i = 0; i < LINKS; i++) {
    const { lease } = await ask(daemon.url, 'PUT', `/compositors/link-${i}`, {
      name: `link ${i}`,
      ttl: 3600,
    });
    paths.push(`/compositors/link-${i}/link?generation=${lease.generation}`);
  }
  const etcd = await startEtcd(lab);
  const linkLoad = lab.worker('link-load');
  const httpLoad = lab.worker('http-load');
  const base64 = (text) => Buffer.from(text).toString('base64');
  const puts = (round) =>
    Array.from({ length: 2000 }, (_, n) => {
      const value = JSON.stringify({ brick: `brick-${round}-${n}.rts.png` });
      return wire('POST', '/v3/kv/put', {
        body: JSON.stringify({ key: base64(`t/${n},0`), value: base64(value) }),
      });
    });
  const timed = (pid, run) => async (round) => {
    const before = cpuSeconds(pid);
    const { rate, count } = await run(round);
    return { rate, cpu: (cpuSeconds(pid) - before) / count };
  };
  const sides = {
    ours: timed(daemon.pid, async (round) => {
      const done = await linkLoad.call('run', {
        port: daemon.port,
        paths,
        inFlight: IN_FLIGHT,
        ms: 500,
        round: `${round}-${Date.now() % 100_000}`,
      });
      if (done.refused > 0) throw new Error(`${done.refused} writes were refused`);
      return done;
    }),
    ...(etcd && {
      etcd: timed(etcd.pid, async (round) =>
        httpLoad.call('run', { port: etcd.port, connections: CONNECTIONS, ms: 500, requests: puts(round) }),
      ),
    }),
  };
  await interleaved(sides, 1);
  const results = await interleaved(sides, ROUNDS);
  const mine = middle(results.ours, 'rate');
  const row = { what: 'single tiles over links, per second', ours: written(mine, '/s'), target: 5 };
  if (!etcd) return [{ ...row, other: 'not here', beside: '(etcd)' }];
  const theirs = middle(results.etcd, 'rate');
  const cpu = middle(results.etcd, 'cpu') / middle(results.ours, 'cpu');
  return [
    {
      ...row,
      other: written(theirs, '/s'),
      beside: 'etcd, put',
      ratio: mine / theirs,
      note: `by CPU ${cpu.toFixed(2)}`,
    },
  ];
}
