import { counted } from '../../layout.ts';
import type { Observations } from '../observations.ts';
import { resultOf, type CheckResult } from './check-result.ts';

/** Between its reservation and its release an exclusive region is on every map and keeps others out; then it does neither. */
export function checkRegions({ regions }: Observations): CheckResult {
  const violations = regions.flatMap(({ what, url, status, code, expected, effect }) => {
    if (effect !== '') return [`${what} at ${url}: ${effect}`];
    if (status === expected.status && (expected.code === undefined || code === expected.code)) return [];
    const wanted = `${expected.status} ${expected.code ?? ''}`.trimEnd();
    return [`${what} at ${url} was answered ${status} ${code ?? ''}`.trimEnd() + `, not ${wanted}`];
  });
  const rejected = regions.filter(({ expected }) => expected.status === 409).length;
  const basis = `${counted(regions.length, 'request')}, ${rejected} of which had to be rejected`;
  return resultOf(violations, basis, regions.length, 'no region could be reserved');
}
