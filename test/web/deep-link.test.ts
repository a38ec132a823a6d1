import t from 'tap';
import { deepLinkOf, deepLinkToCell, parseDeepLink } from '../../web/page/deep-link.ts';

t.test('an address names a place, a moment, or both', async (t) => {
  const camera = { x: 3.5, y: -4, zoom: 56 };
  t.strictSame(parseDeepLink('#3.5,-4,56'), { camera, moment: undefined });
  t.strictSame(parseDeepLink('#3.5,-4,56@1042-9f3a2c1b'), { camera, moment: { cursor: '1042-9f3a2c1b' } });
  t.strictSame(parseDeepLink('#@1042-9f3a2c1b'), { camera: undefined, moment: { cursor: '1042-9f3a2c1b' } });
  const time = Date.UTC(2026, 10, 21, 11, 24);
  for (const text of ['2026-11-21T11:24Z', '2026-11-21T11:24:00Z', '2026-11-21T12%3A24%3A00%2B01%3A00'])
    t.strictSame(parseDeepLink(`#3.5,-4,56@${text}`), { camera, moment: { time } }, text);
});

t.test('what names nothing is not followed half', async (t) => {
  for (const hash of [
    '',
    '#',
    '#x',
    '#1',
    '#1,2,0',
    '#1,2,3@',
    '#1,2,3@x',
    '#1,2,3@1042-xyz',
    '#1,2,3@2026-13-40',
    '#@1-00000000@2-00000000',
    '#9999999999,0@1-00000000',
    '#1,2,3@%',
    '#1,2,3!',
    '#1,2,3!x',
    '#1,2,3!1,2!1,2',
    '#!1,2@1-00000000',
    '#1,2,3!9999999999,0',
    '#1,2,3@..',
    '#1,2,3@now',
    '#1,2,3@..now',
    '#1,2,3@1-00000000..',
    '#1,2,3@now..1-00000000',
    '#1,2,3@1-00000000..x',
    '#1,2,3@1-00000000..2-00000000..3-00000000',
  ])
    t.equal(parseDeepLink(hash), undefined, hash);
});

t.test('what is written is read again', async (t) => {
  const camera = { x: -12.345, y: 7, zoom: 37.5 };
  t.strictSame(parseDeepLink(deepLinkOf(camera)), {
    camera: { x: -12.35, y: 7, zoom: 37.5 },
    moment: undefined,
  });
  const place = { x: 1, y: 2, zoom: 3 };
  t.equal(deepLinkOf(place, { cursor: '9-00000000' }), '#1,2,3@9-00000000');
  t.equal(deepLinkOf(place, { cell: { x: 4, y: -5 } }), '#1,2,3!4,-5');
});

// A link that was copied in a tile's panel led to the place, and the panel stayed closed.
t.test('a link to a cell names the cell whose panel it opens', async (t) => {
  const cell = { x: -7000, y: 20 };
  const camera = { x: -6999.5, y: 20.5, zoom: 56 };
  t.equal(deepLinkToCell(cell), '#-6999.5,20.5,56!-7000,20');
  t.strictSame(parseDeepLink(deepLinkToCell(cell)), { camera, moment: undefined, cell });
  t.strictSame(parseDeepLink(deepLinkToCell(cell, { cursor: '9-00000000' })), {
    ...{ camera, cell },
    moment: { cursor: '9-00000000' },
  });
});

// A comparison was in no address: a colleague who followed the link saw one moment, and no difference.
t.test('an address names a comparison: the marked moment, and the one that is shown', async (t) => {
  const camera = { x: 1, y: 2, zoom: 3 };
  const [from, cursor] = ['5-00000000', '9-ffffffff'];
  for (const [text, shown, link] of [
    [`#1,2,3@${from}..${cursor}`, { from, cursor }, { from: { cursor: from }, moment: { cursor } }],
    [
      `#1,2,3@${cursor}..${from}`,
      { from: cursor, cursor: from },
      { from: { cursor }, moment: { cursor: from } },
    ],
    [`#1,2,3@${from}..now`, { from }, { from: { cursor: from }, moment: undefined }],
  ] as const) {
    t.equal(deepLinkOf(camera, shown), text);
    t.strictSame(parseDeepLink(text), { camera, ...link });
  }
  t.strictSame(parseDeepLink(`#1,2,3!4,5@${from}..now`), {
    ...{ camera, cell: { x: 4, y: 5 } },
    ...{ from: { cursor: from }, moment: undefined },
  });
  t.strictSame(parseDeepLink('#@2026-11-21T11:24:00.5Z..now'), {
    camera: undefined,
    moment: undefined,
    from: { time: Date.UTC(2026, 10, 21, 11, 24, 0, 500) },
  });
});
