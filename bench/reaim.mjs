import { connect } from '../dist/client/client.js';
import { cpuSeconds } from './lab.mjs';
import { interleaved, middle, written } from './measure.mjs';
import { fill } from './tiles.mjs';

const TILES = 100_000;
const PANS = 100;
/** Cells: the side of the view, and how far it moves each time. */
const SIDE = 64;
const STEP = 2;

/** A view that pans over a map: within its stream, beside a new stream for each move. Bytes and processor time of the daemon. */
export async function reaim(lab) {
  const daemon = await lab.daemon();
  await fill(daemon.url, 'wall', TILES);
  const sides = {
    within: () => pan(daemon, (...request) => fetch(...request)),
    // What the client does when the view of an open stream cannot be changed.
    anew: () =>
      pan(daemon, (input, init) =>
        init?.method === 'PATCH' ? Promise.resolve(new Response('', { status: 404 })) : fetch(input, init),
      ),
  };
  await interleaved(sides, 1);
  const results = await interleaved(sides, 3);
  const row = (what, key, unit) => {
    const [ours, other] = [middle(results.within, key), middle(results.anew, key)];
    return {
      what: `${PANS} pans of ${STEP} in a view of ${SIDE} x ${SIDE}, ${what}`,
      ours: written(ours, unit),
      other: written(other, unit),
      beside: 'a new stream each',
      ratio: other / ours,
    };
  };
  return [row('bytes', 'bytes', 'B'), row('CPU of the daemon', 'cpu', 'ms'), row('until exact', 'ms', 'ms')];
}

async function pan(daemon, fetch) {
  const view = (at) => [at, at, at + SIDE - 1, at + SIDE - 1].join();
  const map = connect({ url: daemon.url, view: view(-150), fetch });
  await shows(map, () => map.state === 'live');
  const [bytes, cpu, start] = [await bytesOf(daemon), cpuSeconds(daemon.pid), performance.now()];
  for (let i = 1; i <= PANS; i++) {
    const next = view(-150 + i * STEP);
    map.setView(next);
    await shows(map, () => map.view === next);
  }
  const ms = (performance.now() - start) / PANS;
  const used = (cpuSeconds(daemon.pid) - cpu) * 1000;
  const sent = (await bytesOf(daemon)) - bytes;
  map.close();
  return { bytes: sent / PANS, cpu: used / PANS, ms };
}

function shows(map, holds) {
  return new Promise((resolve) => {
    const offs = [];
    const look = () => {
      if (!holds()) return;
      for (const off of offs) off();
      resolve();
    };
    for (const event of ['change', 'synced', 'state']) offs.push(map.on(event, look));
    look();
  });
}

async function bytesOf({ url }) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^compositord_stream_bytes_total (\d+)$/m.exec(text)[1]);
}
