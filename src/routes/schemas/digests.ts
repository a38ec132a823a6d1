import { Type } from '@sinclair/typebox';
import { component, ref } from './fields.ts';
import { POSITION_HEAD } from './manifest.ts';
import { byCell } from './tile.ts';

const DIGEST = {
  pattern: '^[0-9]+-[0-9a-f]{8}$',
  examples: ['3924-1f2e3d4c'],
};

export const SquareDigestsSchema = byCell<string>(
  'SquareDigests',
  'Digests by square, `"sx,sy"`: it has the cells sx * 2^zoom to sx * 2^zoom + 2^zoom - 1, and so on. Only tiles in view count; squares without any are left out.',
  { additionalProperties: Type.String(DIGEST), examples: [{ '0,-1': '57-1f2e3d4c' }] },
);

export const DigestsSchema = component('Digests', 'The digests of the squares of the map, at one cursor.', {
  ...POSITION_HEAD,
  zoom: Type.Integer({ description: 'Each square has 2^zoom x 2^zoom cells.', examples: [5] }),
  digest: Type.String({ ...DIGEST, description: 'Of all tiles in view, as in `synced`.' }),
  digests: ref(SquareDigestsSchema),
});
