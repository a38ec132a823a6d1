import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './lab.mjs';
import { interleaved, median, middle, quantile, written } from './measure.mjs';
import { ask, fill } from './tiles.mjs';

const READERS = 2000;
const ROUNDS = 15;
const COMMITS = 200;
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A commit of one worker in a frame of another, and the fan-out of two workers beside one. */
export async function workers(lab) {
  const [one, two] = [await started(lab, 1), await started(lab, 2)];
  const sides = { two: await fanOut(lab, two), one: await fanOut(lab, one) };
  await interleaved(sides, 2);
  const results = await interleaved(sides, ROUNDS);
  await Promise.all(Object.values(sides).map((run) => run.close()));
  const [a, b] = [middle(results.two, 'ms'), middle(results.one, 'ms')];
  const answered = written(middle(results.two, 'answered'), 'ms');
  const { home, away } = await frameTimes(lab);
  return [
    {
      what: `fan-out to ${written(READERS)} readers, 2 workers`,
      ours: written(a, 'ms'),
      other: written(b, 'ms'),
      beside: '1 worker',
      ratio: b / a,
      target: 1.5,
      note: `the commit was durable after ${answered}; ${cpus().length} cores, shared with two processes of readers`,
    },
    {
      what: `a commit's frame at another process on the folder`,
      ours: written(median(away), 'ms'),
      other: written(median(home), 'ms'),
      beside: 'at its own',
      target: '+ 10 ms',
      note: `p99 ${written(quantile(away, 0.99), 'ms')} beside ${written(quantile(home, 0.99), 'ms')}`,
    },
  ];
}

/** Without the probe of `lab.daemon`, which would answer what the primary tells its workers. */
async function started(lab, count) {
  const [folder, port] = [lab.folder(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const flags = [`--workers=${count}`, `--listen=127.0.0.1:${port}`, `--store=file:${join(folder, 'store')}`];
  const args = [MAIN, 'serve', ...flags, '--log-level=silent', '--limits-requests=1000000'];
  await lab.program(process.execPath, args, `${url}/health/ready`, { cwd: folder });
  return { url, port };
}

/** Readers of one daemon, in two processes, so that the readers are not what is measured. */
async function fanOut(lab, { url, port }) {
  await fill(url, 'wall', 1);
  const readers = [lab.worker('readers'), lab.worker('readers')];
  const each = (method, argument) => Promise.all(readers.map((worker) => worker.call(method, argument)));
  await each('open', { port, path: '/manifest/stream', count: READERS / 2 });
  let marks = 0;
  const run = async () => {
    const mark = `mark-${(marks += 1)}-`;
    await each('expect', { mark, ms: 20_000 });
    const begun = now();
    const answered = ask(url, 'PATCH', '/compositors/wall/tiles', { '3,-4': { brick: mark } }).then(
      () => now() - begun,
    );
    const at = Math.max(...(await each('arrived')).map((all) => all.at));
    return { ms: at - begun, answered: await answered };
  };
  run.close = () => each('close');
  return run;
}

/** Milliseconds from the sending of a write to its frame: of the daemon that took it, and of another one on the folder. */
async function frameTimes(lab) {
  const folder = lab.folder();
  const [home, away] = [await lab.daemon([], folder), await lab.daemon([], folder)];
  await fill(home.url, 'wall', 1);
  const sides = [];
  for (const { port } of [home, away]) {
    const readers = lab.worker('readers');
    await readers.call('open', { port, path: '/manifest/stream', count: 1 });
    sides.push(readers);
  }
  const times = { home: [], away: [] };
  for (let i = 0; i < COMMITS; i++) {
    const mark = `hint-${i}-`;
    for (const readers of sides) await readers.call('expect', { mark, ms: 20_000 });
    const begun = now();
    await ask(home.url, 'PATCH', '/compositors/wall/tiles', { '3,-4': { brick: mark } });
    const [first, second] = await Promise.all(sides.map((readers) => readers.call('arrived')));
    times.home.push(first.at - begun);
    times.away.push(second.at - begun);
  }
  return times;
}

function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}
