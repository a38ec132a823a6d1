import { written } from '../measure.mjs';

const SECONDS = 3;

/** From the start of the process until it is ready, with a million tiles in its store. */
export async function restart(lab, folder) {
  const began = performance.now();
  const daemon = await lab.daemon(LARGE_STORE, folder);
  const seconds = (performance.now() - began) / 1000;
  const row = {
    what: 'a restart until ready',
    ours: written(seconds, 's'),
    other: `${SECONDS} s`,
    beside: 'allowed',
    ratio: seconds / SECONDS,
    target: 1,
    atMost: true,
  };
  return { daemon, rows: [row] };
}

/** What a daemon needs that is to hold a million tiles. */
export const LARGE_STORE = ['--history-bytes=256MiB', '--quota-bytes=2GiB'];
