import assert from 'node:assert/strict';
import t from 'tap';
import { digestOf, formatDigest } from '../../src/domain/digest.ts';
import type { Patch } from '../../src/domain/patch.ts';
import { WireCopy } from '../../src/client/wire-copy.ts';
import { applied } from '../support/algebra.ts';
import { canonical, cellKey, manifests, patches } from '../support/arbitraries.ts';
import { law } from './law.ts';

const json = ({ compositors, tiles, regions }: Patch) =>
  JSON.stringify({
    compositors: Object.fromEntries(compositors),
    tiles: Object.fromEntries(tiles),
    ...(regions.size > 0 && { regions: Object.fromEntries(regions) }),
  });

law(
  t,
  'the client, which imports nothing of the daemon, applies what it reads as the algebra does',
  [manifests(cellKey), patches(cellKey), patches(cellKey)],
  (start, p, q) => {
    const copy = new WireCopy();
    copy.apply({ event: 'snapshot', data: json(start), id: '1-00000000' });
    for (const patch of [p, q]) {
      copy.apply({ event: 'patch', data: json(patch), id: '2-00000000' });
    }
    const expected = applied(start, p, q);
    assert.equal(canonical(copy as unknown as typeof expected), canonical(expected));
    assert.equal(copy.digest, formatDigest(digestOf(expected.tiles)));
  },
);
