import { cpuSeconds } from './lab.mjs';
import { interleaved, middle, written } from './measure.mjs';
import { fill, wire } from './tiles.mjs';

const ROUNDS = 5;

/** `GET /manifest` beside bare `node:http` that serves the same Buffer with the same headers. */
export async function manifest(lab) {
  return [...(await onMapOf(lab, 100, '100 tiles')), ...(await onMapOf(lab, 100_000, '100,000 tiles'))];
}

async function onMapOf(lab, tiles, name) {
  const daemon = await lab.daemon();
  await fill(daemon.url, 'wall', tiles);
  const bare = lab.worker('bare-http');
  const { port, etag } = await bare.call('listen', { copyOf: `${daemon.url}/manifest` });
  const load = lab.worker('http-load');
  const small = tiles < 1000;
  const side = (server, serverPort, request, connections) => async () => {
    const before = cpuSeconds(server.pid);
    const { rate, count } = await load.call('run', {
      port: serverPort,
      connections,
      ms: 600,
      requests: [request],
    });
    return { rate, cpu: (cpuSeconds(server.pid) - before) / count };
  };
  const rows = [];
  const cases = [[`GET /manifest, 200, ${name}`, wire('GET', '/manifest')]];
  if (small)
    cases.unshift(['GET /manifest, 304', wire('GET', '/manifest', { headers: { 'If-None-Match': etag } })]);
  for (const [what, request] of cases) {
    const connections = small ? 32 : 4;
    const ours = side(daemon, daemon.port, request, connections);
    const other = side(bare, port, request, connections);
    await interleaved({ ours, other }, 1);
    const results = await interleaved({ ours, other }, ROUNDS);
    const [a, b] = [middle(results.ours, 'rate'), middle(results.other, 'rate')];
    const row = {
      what,
      ours: written(a, '/s'),
      other: written(b, '/s'),
      beside: 'bare node:http',
      ratio: a / b,
      target: 0.8,
    };
    const cpu = middle(results.other, 'cpu') / middle(results.ours, 'cpu');
    rows.push({ ...row, note: `by the server's CPU ${cpu.toFixed(2)}` });
  }
  return rows;
}
