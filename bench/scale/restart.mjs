import { written } from '../measure.mjs';
import { fill } from '../tiles.mjs';

const SECONDS = 3;

/** From the start of the process until it is ready, with a million tiles in its store. */
export async function restart(lab, folder) {
  const { daemon, seconds } = await started(lab, folder);
  return { daemon, rows: [rowOf('a restart until ready', seconds)] };
}

/** The same with the tiles in a Redis. */
export async function restartOnRedis(lab, tiles) {
  const { startRedis } = await import('../../dist-test/support/redis-server.js');
  const redis = await startRedis(lab);
  const first = await lab.daemon(LARGE_STORE, lab.folder(), redis.url);
  await fill(first.url, 'wall', tiles);
  await lab.stop(first);
  const { daemon, seconds } = await started(lab, lab.folder(), redis.url);
  await lab.stop(daemon);
  await redis.stop();
  return rowOf('a restart until ready, Redis', seconds);
}

async function started(lab, ...where) {
  const began = performance.now();
  const daemon = await lab.daemon(LARGE_STORE, ...where);
  return { daemon, seconds: (performance.now() - began) / 1000 };
}

function rowOf(what, seconds) {
  return {
    what,
    ours: written(seconds, 's'),
    other: `${SECONDS} s`,
    beside: 'allowed',
    ratio: seconds / SECONDS,
    target: 1,
    atMost: true,
  };
}

/** What a daemon needs that is to hold a million tiles. */
export const LARGE_STORE = ['--history-bytes=256MiB', '--quota-bytes=2GiB'];
