import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './lab.mjs';
import { interleaved, median, middle, quantile, written } from './measure.mjs';
import { startNchan } from './nchan.mjs';
import { ask, fill } from './tiles.mjs';

const READERS = 2000;
const ROUNDS = 15;
const COMMITS = 200;
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A commit of one worker in a frame of another, and the fan-out of two workers beside one, and beside nchan with as many. */
export async function workers(lab) {
  const [one, two] = [await started(lab, 1), await started(lab, 2)];
  const sides = { two: await fanOut(lab, two), one: await fanOut(lab, one) };
  for (const count of [1, 2]) {
    const nchan = await startNchan(lab, count);
    if (nchan) sides[`nchan${count}`] = await fanOut(lab, toNchan(nchan));
  }
  await interleaved(sides, 2);
  const results = await interleaved(sides, ROUNDS);
  await Promise.all(Object.values(sides).map((run) => run.close()));
  const answered = written(middle(results.two, 'answered'), 'ms');
  const a = middle(results.two, 'ms');
  const rowBeside = (other, beside, target) => {
    const row = { what: `fan-out to ${written(READERS)} readers, 2 workers`, ours: written(a, 'ms'), target };
    if (!results[other]) return { ...row, other: 'not here', beside: `(${beside})` };
    const b = middle(results[other], 'ms');
    return { ...row, other: written(b, 'ms'), beside, ratio: b / a };
  };
  const { home, away } = await frameTimes(lab);
  return [
    {
      ...rowBeside('one', '1 worker', undefined),
      note: `the commit was durable after ${answered}; ${cpus().length} cores, shared with two processes of readers`,
    },
    rowBeside('nchan1', 'nchan, 1 worker', 1.5),
    rowBeside('nchan2', 'nchan, 2 workers', 1),
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
  await fill(url, 'wall', 1);
  const publish = (brick) => ask(url, 'PATCH', '/compositors/wall/tiles', { '3,-4': { brick } });
  return { port, path: '/manifest/stream', publish };
}

/** A message as long as the frame of such a commit. */
function toNchan({ url, port }) {
  const publish = async (brick) => {
    const tile = { brick, timestamp: Math.floor(Date.now() / 1000), compositor: 'wall' };
    const body = JSON.stringify({ compositors: {}, tiles: { '3,-4': tile }, time: new Date().toISOString() });
    const reply = await fetch(url.replace('/ready', '/publish'), { method: 'POST', body });
    await reply.text();
  };
  return { port, path: '/stream', publish };
}

/** Readers of one server, in two processes, so that the readers are not what is measured. */
async function fanOut(lab, { port, path, publish }) {
  const readers = [lab.worker('readers'), lab.worker('readers')];
  const each = (method, argument) => Promise.all(readers.map((worker) => worker.call(method, argument)));
  await each('open', { port, path, count: READERS / 2 });
  let marks = 0;
  const run = async () => {
    const mark = `mark-${(marks += 1)}-`;
    await each('expect', { mark, ms: 20_000 });
    const begun = now();
    const answered = publish(mark).then(() => now() - begun);
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
