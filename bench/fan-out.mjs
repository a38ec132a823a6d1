import { cpuSeconds } from './lab.mjs';
import { interleaved, middle, written } from './measure.mjs';
import { startNchan } from './nchan.mjs';
import { ask, fill } from './tiles.mjs';

const ROUNDS = 15;

/** One commit of one tile until all readers have it, beside a loop of bare writes and beside nchan. */
export async function fanOut(lab) {
  const rows = [];
  for (const count of [2000, 10_000]) rows.push(...(await withReaders(lab, count)));
  return rows;
}

async function withReaders(lab, count) {
  const daemon = await lab.daemon();
  await fill(daemon.url, 'wall', 1);
  const floor = lab.worker('fan-out-floor');
  const { port } = await floor.call('listen');
  const nchan = await startNchan(lab);

  const body = (mark) => ({ '3,-4': { brick: `${mark}.rts.png`, timestamp: Math.floor(Date.now() / 1000) } });
  const text = (mark) =>
    `{"compositors":{},"tiles":${JSON.stringify(body(mark))},"time":"2026-01-01T00:00:00.000Z"}`;
  const sides = {
    ours: await side(daemon, daemon.port, '/manifest/stream', (mark) =>
      ask(daemon.url, 'PATCH', '/compositors/wall/tiles', body(mark)),
    ),
    floor: await side(floor, port, '/', (mark) => floor.call('publish', text(mark))),
  };
  if (nchan)
    sides.nchan = await side(nchan, nchan.port, '/stream', async (mark) => {
      await (
        await fetch(`${nchan.url.replace('/ready', '')}/publish`, { method: 'POST', body: text(mark) })
      ).text();
    });
  await interleaved(sides, 2);
  const results = await interleaved(sides, ROUNDS);
  await Promise.all(Object.values(sides).map((run) => run.close()));

  const rowBeside = (other, beside, target) => {
    const [a, b] = [middle(results.ours, 'ms'), middle(results[other], 'ms')];
    const cpu = middle(results[other], 'cpu') / middle(results.ours, 'cpu');
    const what = `fan-out to ${written(count)} readers`;
    const note = `by the server's CPU ${cpu.toFixed(2)}; the commit was durable after ${written(middle(results.ours, 'answered'), 'ms')}`;
    return { what, ours: written(a, 'ms'), other: written(b, 'ms'), beside, ratio: b / a, target, note };
  };
  const missing = {
    what: `fan-out to ${written(count)} readers`,
    ours: '',
    other: 'not here',
    beside: '(nchan)',
  };
  return [rowBeside('floor', 'bare socket writes', 0.7), nchan ? rowBeside('nchan', 'nchan', 1) : missing];

  /** Readers of one server, in a process of their own. Returns how to publish to them and measure it. */
  async function side(server, serverPort, path, publish) {
    const readers = lab.worker('readers');
    await readers.call('open', { port: serverPort, path, count });
    let marks = 0;
    const run = async () => {
      const mark = `mark-${(marks += 1)}-`;
      await readers.call('expect', { mark, ms: 20_000 });
      const before = cpuSeconds(server.pid);
      const started = Number(process.hrtime.bigint()) / 1e6;
      const answered = publish(mark).then(() => Number(process.hrtime.bigint()) / 1e6 - started);
      const { at } = await readers.call('arrived');
      return { ms: at - started, answered: await answered, cpu: cpuSeconds(server.pid) - before };
    };
    run.close = () => readers.call('close');
    return run;
  }
}
