import t from 'tap';
import { metricData } from '../../../src/adapters/telemetry/metric-data.ts';

const times = { startTime: [10, 0], endTime: [70, 0] } as const;
const both = { startTime: [10, 0] as [number, number], endTime: [70, 0] as [number, number] };

t.test('a counter and a gauge keep their values and labels', async (t) => {
  const values = [
    { value: 3, labels: { reason: 'gap' } },
    { value: NaN, labels: { reason: 'reset' } },
  ];
  const counter = metricData({ name: 'c_total', help: 'C.', type: 'counter', values }, both);
  t.match(counter, {
    isMonotonic: true,
    descriptor: { name: 'c_total', description: 'C.' },
    dataPoints: [{ ...times, value: 3, attributes: { reason: 'gap' } }],
  });
  t.equal(counter!.dataPoints.length, 1, 'what is no number is left out');
  const gauge = metricData(
    { name: 'g', help: 'G.', type: 'gauge', values: [{ value: 0, labels: {} }] },
    both,
  );
  t.match(gauge, { dataPoints: [{ value: 0 }] });
  t.notMatch(gauge, { isMonotonic: true });
});

t.test('a histogram has one point for each set of labels, with counts that are not cumulative', async (t) => {
  const of = (call: string, counts: readonly number[], sum: number) => [
    ...['0.1', '1', '+Inf'].map((le, i) => ({
      value: counts[i]!,
      labels: { le, call },
      metricName: 'h_bucket',
    })),
    { value: sum, labels: { call }, metricName: 'h_sum' },
    { value: counts.at(-1)!, labels: { call }, metricName: 'h_count' },
  ];
  const values = [...of('commit', [2, 5, 6], 9.5), ...of('head', [1, 1, 1], 0.05)];
  const data = metricData({ name: 'h', help: 'H.', type: 'histogram', values }, both)!;
  t.strictSame(
    data.dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    [
      {
        attributes: { call: 'commit' },
        value: { buckets: { boundaries: [0.1, 1], counts: [2, 3, 1] }, sum: 9.5, count: 6 },
      },
      {
        attributes: { call: 'head' },
        value: { buckets: { boundaries: [0.1, 1], counts: [1, 0, 0] }, sum: 0.05, count: 1 },
      },
    ],
  );
});

t.test('a type that the daemon has not is left out', async (t) => {
  t.equal(metricData({ name: 's', help: 'S.', type: 'summary', values: [] }, both), undefined);
});
