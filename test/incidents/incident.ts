import type { Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { moreWrites, whileWriting, writers, type Writer } from '../replicas/writer.ts';
import { Random } from '../simulation/random.ts';
import type { Daemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';
import { Alerts } from './alerts.ts';

/** Milliseconds within which an operator can read what is wrong: three seconds, and what a busy machine adds. */
const SOON = 3000 + 30_000;
/** What wakes somebody, beside the alert that has the reason. */
const ALERTS = {
  'at-risk': [],
  refusing: ['CompositordStoreTakesNoWrites'],
  away: ['CompositordStoreAway'],
} as const;

/** What the log says of the store, one line each, oldest first. */
export function storeLines(daemon: Pick<Daemon, 'stderr'>): Json[] {
  return linesOf(daemon)
    .filter(({ store }) => store)
    .map(({ store, level }) => ({ level, ...store }));
}

/** The lines of the log that are complete and our own: LMDB prints some of its errors itself. */
export function linesOf({ stderr }: Pick<Daemon, 'stderr'>): Json[] {
  return stderr
    .slice(0, stderr.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** Whoever reads only the log, only `/health` or only the metrics finds the state and the reason there, soon. */
export async function named(t: Test, daemon: Daemon, state: string, reason: string): Promise<void> {
  const { url } = daemon;
  const places = {
    log: async () =>
      storeLines(daemon).at(-1)?.reason === reason && storeLines(daemon).at(-1)?.state === state,
    health: async () => {
      const { store } = (await send('GET', `${url}/health`)).body;
      return store.state === state && store.reason === reason && store.lastError !== null;
    },
    metrics: async () =>
      String((await send('GET', `${url}/metrics`)).body).includes(`store_fault{reason="${reason}"} 1`),
  };
  await Promise.all(
    Object.entries(places).map(([place, says]) => eventually(says, `${place} says ${state} ${reason}`, SOON)),
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${daemon.stderr.slice(-3000)}`);
  });
  t.match(storeLines(daemon).at(-1), { level: state === 'at-risk' ? 40 : 50, why: String, error: String });
}

/** All three say that it is over. */
export async function over(daemon: Daemon): Promise<void> {
  const { url } = daemon;
  await eventually(() => storeLines(daemon).at(-1)?.state === 'ok', 'the log says that it is over', 60_000);
  await eventually(
    async () => (await send('GET', `${url}/health`)).body.store.state === 'ok',
    '/health says that it is over',
  );
  await eventually(
    async () => !/store_fault\{.*\} 1$/m.test(String((await send('GET', `${url}/metrics`)).body)),
    'the metrics say that it is over',
  );
}

export interface Incident {
  readonly daemon: Daemon;
  readonly state: 'at-risk' | 'refusing' | 'away';
  readonly reason: string;
  readonly fault: () => unknown;
  /** What the log may say first, since the fault takes its time. */
  readonly first?: { readonly state: string; readonly reason: string };
  /** While it lasts, after all of them have named it. */
  readonly meanwhile?: (writers: readonly Writer[]) => Promise<void>;
  readonly mend: () => unknown;
}

/** The fault comes while compositors write, is named, also by the alerts, and goes. Nothing that was answered 2xx is lost, and the log has two lines more. */
export async function happens(t: Test, incident: Incident): Promise<void> {
  const { daemon, state, reason } = incident;
  const all = await writers(() => [daemon.url], new Random(12));
  const before = storeLines(daemon).length;
  const alerts = await Alerts.start(t, [daemon]);
  const firing = ['CompositordStoreFault', ...ALERTS[state]];
  await whileWriting(all, [], async () => {
    await moreWrites(all, 10);
    await incident.fault();
    try {
      await named(t, daemon, state, reason);
      await alerts.fire(
        { alertname: 'CompositordStoreFault', reason },
        ...ALERTS[state].map((alertname) => ({ alertname })),
      );
      await incident.meanwhile?.(all);
    } finally {
      // Else those who write would try for ever.
      await incident.mend();
    }
    await over(daemon);
    await alerts.end(...firing);
    await moreWrites(all, 10);
  });
  const { body } = await send('GET', `${daemon.url}/manifest`);
  for (const writer of all) writer.check(t, body);
  const lines = storeLines(daemon)
    .slice(before)
    .filter((line) => line.state !== incident.first?.state || line.reason !== incident.first?.reason);
  t.match(lines, [{ state, reason }, { state: 'ok' }], 'one line, and one when it is over');
  t.equal(lines.length, 2, JSON.stringify(lines));
}
