import t from 'tap';
import { MetricsCollector } from '../../../src/commands/workers/metrics-collector.ts';

const metric = (name: string, type: string, aggregator: string, value: number) => ({
  name,
  help: name,
  type,
  aggregator,
  values: [{ value, labels: {} }],
});

const of = (frames: number, readers: number, revision: number) => [
  metric('frames_total', 'counter', 'sum', frames),
  metric('commits_total', 'counter', 'max', frames),
  metric('readers', 'gauge', 'sum', readers),
  metric('revision', 'gauge', 'max', revision),
];

/** Workers that answer with what is in `answers`; one without an entry is silent. */
function collectorOf(answers: Map<number, object[]>): MetricsCollector {
  const collector: MetricsCollector = new MetricsCollector({
    request: (worker, id) => {
      const answer = answers.get(worker);
      if (answer) setImmediate(() => collector.answer(worker, id, answer));
    },
  });
  return collector;
}

const values = (text: string) =>
  Object.fromEntries(text.match(/^\w+ [\d.]+$/gm)!.map((line) => line.split(' ') as [string, string]));

t.test('what each has is added up, and what all of them see is not', async (t) => {
  const collector = collectorOf(
    new Map([
      [1, of(10, 3, 7)],
      [2, of(5, 4, 8)],
    ]),
  );
  t.match(values(await collector.collect([1, 2])), {
    frames_total: '15',
    commits_total: '10',
    readers: '7',
    revision: '8',
    compositord_workers: '2',
    compositord_worker_ends_total: '0',
    compositord_workers_unanswered_total: '0',
  });
});

t.test(
  'one that does not answer in time is left out, and counted; its late answer changes nothing',
  async (t) => {
    const collector = collectorOf(new Map([[1, of(10, 3, 7)]]));
    t.match(values(await collector.collect([1, 2])), {
      readers: '3',
      compositord_workers_unanswered_total: '1',
    });
    collector.answer(2, 1, of(5, 4, 8));
    t.match(values(await collector.collect([1])), {
      readers: '3',
      compositord_workers_unanswered_total: '1',
    });
  },
);

// A counter that falls looks to Prometheus like a restart of everything: it adds the whole sum once more.
t.test('counters do not fall when a worker ends; gauges do', async (t) => {
  const answers = new Map([
    [1, of(10, 3, 7)],
    [2, of(5, 4, 8)],
  ]);
  const collector = collectorOf(answers);
  await collector.collect([1, 2]);
  for (const frames of [0, 2]) {
    collector.ended(2);
    answers.set(2, of(frames, 0, 8));
    t.match(values(await collector.collect([1, 2])), { frames_total: String(15 + frames), readers: '3' });
  }
  collector.ended(2);
  t.match(values(await collector.collect([1])), { frames_total: '17', compositord_worker_ends_total: '3' });
});

t.test('without any worker there are the metrics of the primary', async (t) => {
  t.match(values(await collectorOf(new Map()).collect([])), { compositord_workers: '0' });
});
