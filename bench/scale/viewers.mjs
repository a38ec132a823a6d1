// Ten thousand readers, each with a view of its own somewhere on the map, and changes everywhere: a reader waits for what its
// view shows, and pays nothing for the rest.
import { quantile, written } from '../measure.mjs';
import { cpuSeconds } from '../lab.mjs';
import { pathOf } from './opening.mjs';

const READERS = 10_000;
const PROCESSES = 2;
const RATE = 1000;
const FOR = 10_000;
/** Requests a second, and milliseconds, for the generator's own ceiling. */
const MORE_THAN_ENOUGH = 20_000;
const CEILING_FOR = 3000;
/** Milliseconds from the sending of a change until a reader has it. */
const ALLOWED = 100;

export async function viewers(lab, daemon, side) {
  const processes = Array.from({ length: PROCESSES }, () => lab.worker('readers'));
  const writer = lab.worker('steady');
  const rows = [];
  const ceiling = await ceilingOf(lab, writer, side);
  for (const count of [READERS / 10, READERS]) {
    const paths = Array.from({ length: count }, (_, i) => pathOf(...spread(i, side)));
    await Promise.all(
      processes.map(({ call }, n) =>
        call('open', {
          port: daemon.port,
          paths: paths.filter((_, i) => i % PROCESSES === n),
          until: 'event: synced',
        }),
      ),
    );
    const before = cpuSeconds(daemon.pid);
    const [lags, sent] = await Promise.all([
      Promise.all(processes.map(({ call }) => call('delays', { ms: FOR + 1000 }))),
      writer.call('run', {
        port: daemon.port,
        method: 'PATCH',
        path: '/compositors/wall/tiles',
        rate: RATE,
        ms: FOR,
        side,
      }),
    ]);
    const cpu = ((cpuSeconds(daemon.pid) - before) * 1000) / sent.sent;
    await Promise.all(processes.map(({ call }) => call('close')));
    rows.push({ count, delays: lags.flat(), cpu, sent });
  }
  const [few, many] = rows;
  const p99 = quantile(many.delays, 0.99);
  return [
    {
      what: `${READERS} views, ${RATE} changes/s: delay, 99th percentile`,
      ours: written(p99, 'ms'),
      other: `${ALLOWED} ms`,
      beside: 'allowed',
      ratio: p99 / ALLOWED,
      target: 1,
      atMost: true,
      note: `median ${written(quantile(many.delays, 0.5), 'ms')}, ${many.delays.length} seen, ${many.sent.inTime} of ${many.sent.sent} changes answered in time; the generator's own ceiling: ${written(ceiling)} /s`,
    },
    {
      what: `CPU a change with ${READERS} views`,
      ours: written(many.cpu, 'ms'),
      other: written(few.cpu, 'ms'),
      beside: `with ${READERS / 10}`,
      ratio: many.cpu / few.cpu,
    },
  ];
}

/** Changes a second that the generator gets answered where nothing is done with them. */
async function ceilingOf(lab, writer, side) {
  const { port } = await lab.worker('bare-http').call('accept');
  const load = { port, method: 'PATCH', path: '/', rate: MORE_THAN_ENOUGH, ms: CEILING_FOR, side };
  const { inTime } = await writer.call('run', load);
  return (inTime * 1000) / CEILING_FOR;
}

/** The corner of the view number `i`: no two are alike, and all together cover the map evenly. */
function spread(i, side) {
  const x = (i * 0.754877666) % 1;
  const y = (i * 0.569840291) % 1;
  const at = (part) => Math.floor(part * (side - 20)) - (side >> 1);
  return [at(x), at(y)];
}
