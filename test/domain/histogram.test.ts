import { deepStrictEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Histogram } from '../../src/domain/histogram.ts';
import { law } from './law.ts';

const bounds = [0.001, 0.01, 0.1, 1];
const seconds = fc.array(fc.oneof(fc.constantFrom(0, ...bounds), fc.double({ min: 0, max: 3, noNaN: true })));

law(t, 'each count is how many values were at most that bound; the last counts all', [seconds], (values) => {
  const histogram = new Histogram(bounds);
  for (const each of values) histogram.observe(each);
  const atMost = [...bounds, Infinity].map((most) => values.filter((each) => each <= most).length);
  deepStrictEqual(histogram.cumulative, atMost);
  equal(
    histogram.sum,
    values.reduce((total, each) => total + each, 0),
  );
});
