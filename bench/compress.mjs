// What compression saves and costs: changes sent to many readers that take gzip or do not, and the whole map by GET.
import { request } from 'node:http';
import { cpuSeconds } from './lab.mjs';
import { interleaved, median, middle, written } from './measure.mjs';
import { ask, fill } from './tiles.mjs';

const READERS = 2000;
const CHANGES = 20;
/** In a change. */
const TILES = 40;
const MAP = 9000;

export async function compress(lab) {
  const sides = { plain: await side(lab, 'identity'), gzip: await side(lab, 'gzip') };
  await interleaved(sides, 2);
  const results = await interleaved(sides, CHANGES);
  const row = (what, unit, ours, other, target = 1) => ({
    what,
    ours: written(ours, unit),
    other: written(other, unit),
    beside: 'uncompressed',
    ratio: ours / other,
    target,
    atMost: true,
  });
  const change = `a change of ${TILES} tiles to ${written(READERS)} readers, gzip`;
  const { url, port } = sides.plain.daemon;
  await fill(url, 'map', MAP);
  const sizes = {};
  for (const coding of ['identity', 'gzip', 'br']) sizes[coding] = await bytesOf(port, coding);
  const sum = (name) => results[name].reduce((total, { cpu }) => total + cpu, 0);
  const map = `GET /manifest of ${written(MAP)} tiles`;
  return [
    row(`${change}: bytes a reader`, 'B', middle(results.gzip, 'bytes'), middle(results.plain, 'bytes')),
    row(`${change}: CPU`, 'ms', (sum('gzip') / CHANGES) * 1000, (sum('plain') / CHANGES) * 1000, 1.2),
    row(
      `${change}: until all have it`,
      'ms',
      median(results.gzip.map(({ ms }) => ms)),
      median(results.plain.map(({ ms }) => ms)),
      1.2,
    ),
    row(`${map}, gzip: bytes`, 'B', sizes.gzip, sizes.identity),
    row(`${map}, br: bytes`, 'B', sizes.br, sizes.identity),
  ];
}

/** A daemon whose readers all take one coding. Returns how to publish a change to them and measure it. */
async function side(lab, coding) {
  const daemon = await lab.daemon();
  await fill(daemon.url, 'wall', 1);
  const readers = lab.worker('readers');
  await readers.call('open', { port: daemon.port, path: '/manifest/stream', count: READERS, coding });
  let last = 0;
  const run = async () => {
    const tiles = {};
    last += 1;
    for (let i = 0; i < TILES; i++) tiles[`${i},0`] = { brick: `brick-${last}-${i}.rts.png` };
    const before = { bytes: await readers.call('received'), cpu: cpuSeconds(daemon.pid) };
    await readers.call('expect', { mark: '', ms: 20_000 });
    const started = Number(process.hrtime.bigint()) / 1e6;
    await ask(daemon.url, 'PATCH', '/compositors/wall/tiles', tiles);
    const { at } = await readers.call('arrived');
    const bytes = ((await readers.call('received')) - before.bytes) / READERS;
    return { ms: at - started, bytes, cpu: cpuSeconds(daemon.pid) - before.cpu };
  };
  run.daemon = daemon;
  return run;
}

/** The bytes of the body of the whole map in a coding. */
function bytesOf(port, coding) {
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': coding };
    request({ port, host: '127.0.0.1', path: '/manifest', headers, agent: false }, (reply) => {
      let bytes = 0;
      reply.on('data', (piece) => (bytes += piece.length)).on('error', reject);
      reply.on('end', () => resolve(bytes));
    })
      .on('error', reject)
      .end();
  });
}
