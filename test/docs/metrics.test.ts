// docs/metrics.md names each metric that the daemon has, and no other.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { MetricsCollector } from '../../src/commands/workers/metrics-collector.ts';
import { build } from '../support/build.ts';

const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

t.test('every metric is explained', async (t) => {
  const { inject } = await build(t);
  const { text } = await inject('/metrics');
  const ofWorkers = await new MetricsCollector({ request: () => undefined }).collect([]);
  const there = [...`${text}\n${ofWorkers}`.matchAll(/^# TYPE (compositord_\w+) /gm)].map(
    ([, name]) => name!,
  );
  const explained = [...page.matchAll(/\b(compositord_\w+)/g)].map(([, name]) => name!);
  t.strictSame([...new Set(explained)].sort(), [...new Set(there)].sort());
});
