import { quantile, written } from './measure.mjs';
import { startNchan } from './nchan.mjs';
import { fill } from './tiles.mjs';

const READERS = 1000;
const WITHIN = 250;
const RATES = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240];
const STEP = 1000;
/** Other work on the machine may hit a step: only who fails so often in a row has failed. */
const TRIES = 3;

/** How many changes per second of 16 tiles readers can be kept within 250 ms of, beside nchan, which sends each. */
export async function conflation(lab) {
  const daemon = await lab.daemon();
  await fill(daemon.url, 'wall', 1);
  const ours = await highest({
    port: daemon.port,
    stream: '/manifest/stream',
    method: 'PATCH',
    path: '/compositors/wall/tiles',
  });
  const nchan = await startNchan(lab);
  const what = `changes/s that ${written(READERS)} readers keep up with`;
  if (!nchan) return [{ what, ours: `${ours}/s`, other: 'not here', beside: '(nchan)', target: 20 }];
  const other = await highest({ port: nchan.port, stream: '/stream', method: 'POST', path: '/publish' });
  return [{ what, ours: `${ours}/s`, other: `${other}/s`, beside: 'nchan', ratio: ours / other, target: 20 }];

  /** The last of RATES at which 99 in 100 looks found a reader within WITHIN ms; 0 when even the first is too much. */
  async function highest({ port, stream, method, path }) {
    const readers = lab.worker('readers');
    const publisher = lab.worker('steady');
    await readers.call('open', { port, path: stream, count: READERS });
    let best = 0;
    for (const rate of RATES) {
      let kept = false;
      for (let tries = 0; tries < TRIES && !kept; tries++) kept = await keptUp(rate);
      if (!kept) break;
      best = rate;
    }
    await readers.call('close');
    return best;

    async function keptUp(rate) {
      const [lags, { sent, inTime, refused }] = await Promise.all([
        readers.call('watch', { ms: STEP, every: 20, gap: 1000 / rate }),
        publisher.call('run', { port, method, path, rate, ms: STEP + 100 }),
      ]);
      const answered = sent - inTime <= (rate * WITHIN) / 1000 + 1;
      return quantile(lags, 0.99) <= WITHIN && refused === 0 && answered;
    }
  }
}
