import { cpuSeconds } from './lab.mjs';
import { median, written } from './measure.mjs';

const COMPOSITORS = 1000;
/** Slices of this many milliseconds: one interval each, so that every compositor is looked at once in each. */
const SLICE = 10_000;
const SLICES = 3;

/** What it costs one replica to look after 1,000 compositors every 10 s, in processor time; what the same compositors cost a daemon that is not told where they listen is taken off. */
export async function supervisor(lab) {
  const street = lab.worker('street');
  const port = await street.call('open', COMPOSITORS);
  const idle = await lab.daemon();
  const daemon = await lab.daemon();
  await registerAll(idle.url, () => ({}));
  await registerAll(daemon.url, (n) => ({ protocol: 'http', address: `127.1.${n >> 8}.${n & 255}`, port }));
  await untilConnected(daemon.url);
  const before = await street.call('asked');
  const [with_, without] = [[], []];
  for (let slice = 0; slice < SLICES; slice++) {
    const start = [cpuSeconds(daemon.pid), cpuSeconds(idle.pid)];
    await new Promise((resolve) => setTimeout(resolve, SLICE));
    with_.push(cpuSeconds(daemon.pid) - start[0]);
    without.push(cpuSeconds(idle.pid) - start[1]);
  }
  const asked = (await street.call('asked')) - before;
  const share = (seconds) => (median(seconds) * 1000) / SLICE;
  const cost = share(with_) - share(without);
  return [
    {
      what: `${written(COMPOSITORS)} compositors looked at every 10 s, of a core`,
      ours: `${(cost * 100).toFixed(1)} %`,
      other: '4 %',
      beside: 'allowed',
      ratio: cost / 0.04,
      target: 1,
      atMost: true,
      note: `(${Math.round((asked * 1000) / (SLICE * SLICES))} probes a second)`,
    },
  ];
}

async function registerAll(url, placeOf) {
  const headers = { 'content-type': 'application/json' };
  for (let from = 0; from < COMPOSITORS; from += 50)
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const n = from + i + 1;
        const body = JSON.stringify({ name: `C ${n}`, ttl: 86_400, ...placeOf(n) });
        const reply = await fetch(`${url}/compositors/c${n}`, { method: 'PUT', headers, body });
        if (reply.status !== 201) throw new Error(`cannot register: ${reply.status} ${await reply.text()}`);
      }),
    );
}

async function untilConnected(url) {
  for (const late = Date.now() + 120_000; ;) {
    if ((await connected(url)) === COMPOSITORS) return;
    if (Date.now() > late) throw new Error('not all compositors were connected to');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** How many are connected; a page may have fewer than its limit. */
async function connected(url) {
  let [count, after] = [0, ''];
  while (after !== null) {
    const reply = await fetch(`${url}/compositors?status=connected&limit=1000${after && `&after=${after}`}`);
    const { items, next } = await reply.json();
    count += items.length;
    after = next;
  }
  return count;
}
