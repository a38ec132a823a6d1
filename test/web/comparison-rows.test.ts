import t from 'tap';
import { compositorRows, regionChangeOf } from '../../web/past/comparison-rows.ts';

const NONE = { added: 0, changed: 0, removed: 0 };
const NO_REGIONS = { total: NONE, items: [] };

t.test('of each compositor one row says what became of its tiles, and of it itself', async (t) => {
  const few = { ...NONE, added: 2 };
  const many = { ...NONE, removed: 7 };
  const rows = compositorRows({
    ...{ zoom: 0, total: NONE, areas: {}, regions: NO_REGIONS },
    compositors: { few, many },
    fleet: {
      total: { added: 1, changed: 1, removed: 1 },
      items: [
        { id: 'few', change: 'added', name: 'Few' },
        {
          id: 'renamed',
          change: 'changed',
          name: 'Renamed',
          fields: ['status', 'enabled', 'name', 'staleAt'],
        },
        { id: 'gone', change: 'removed', name: 'Gone' },
      ],
    },
  });
  t.strictSame(rows, [
    { id: 'many', name: undefined, tiles: many, change: undefined },
    { id: 'few', name: 'Few', tiles: few, change: { kind: 'added', words: 'registered' } },
    { id: 'renamed', name: 'Renamed', tiles: NONE, change: { kind: 'changed', words: 'status, name' } },
    { id: 'gone', name: 'Gone', tiles: NONE, change: { kind: 'removed', words: 'left' } },
  ]);
});

t.test('what changed nothing that people read is the same again', async (t) => {
  const region = { id: 'R1', rect: '0,0,1,1', compositor: 'wall', purpose: '' };
  const wordsOf = (fields: string[]) => regionChangeOf({ ...region, change: 'changed', fields }).words;
  t.equal(wordsOf(['generation']), 'reserved again');
  t.equal(wordsOf(['generation', 'purpose', 'rect']), 'purpose, cells');
  t.strictSame(regionChangeOf({ ...region, change: 'removed' }), { kind: 'removed', words: 'given up' });
});
