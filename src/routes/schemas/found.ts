import { Type } from '@sinclair/typebox';
import { component, compositorId, cursor } from './fields.ts';

export const FoundSchema = component('Found', 'What a search found, best first.', {
  cursor: cursor({ description: 'The cursor at which the map was searched.' }),
  items: Type.Array(
    Type.Object({
      cell: Type.String({ description: 'Where the tile is, `"x,y"`.', examples: ['3,-4'] }),
      brick: Type.String({ examples: ['wall.rts.png'] }),
      timestamp: Type.Number({ description: 'Unix seconds.', examples: [1700000000.5] }),
      compositor: compositorId(),
    }),
  ),
  total: Type.Integer({
    minimum: 0,
    description: 'How many tiles match. When there are more than `items`, those left out come after them.',
    examples: [1],
  }),
});
