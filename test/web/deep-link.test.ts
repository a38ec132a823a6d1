import t from 'tap';
import { deepLinkOf, parseDeepLink } from '../../web/page/deep-link.ts';

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
    '#1,2,3!area=1,2,3',
    '#1,2,3!area=4,4,3,3',
    '#1,2,3!area=0,0,9999999999,0',
    '#1,2,3!compositor=',
    '#1,2,3!compositor=a/b',
    '#1,2,3!tile=wall',
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
  t.equal(deepLinkOf(place, { opened: { kind: 'tile', x: 4, y: -5 } }), '#1,2,3!4,-5');
});

// A link that was copied in a tile's panel led to the place, and the panel stayed closed; that of a compositor was in no link.
t.test('an address names what is open in the panel', async (t) => {
  const camera = { x: -6999.5, y: 20.5, zoom: 56 };
  for (const [text, opened] of [
    ['-7000,20', { kind: 'tile', x: -7000, y: 20 }],
    ['area=-8,0,7,15', { kind: 'area', rect: { x1: -8, y1: 0, x2: 7, y2: 15 } }],
    ['compositor=git.geometry_os-1', { kind: 'compositor', id: 'git.geometry_os-1' }],
    ['region=Rw_-9', { kind: 'region', id: 'Rw_-9' }],
  ] as const) {
    const hash = `#-6999.5,20.5,56!${text}`;
    t.equal(deepLinkOf(camera, { opened }), hash);
    t.strictSame(parseDeepLink(hash), { camera, moment: undefined, opened });
    t.strictSame(parseDeepLink(`${hash}@9-00000000`), {
      ...{ camera, opened },
      moment: { cursor: '9-00000000' },
    });
  }
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
    ...{ camera, opened: { kind: 'tile', x: 4, y: 5 } },
    ...{ from: { cursor: from }, moment: undefined },
  });
  t.strictSame(parseDeepLink('#@2026-11-21T11:24:00.5Z..now'), {
    camera: undefined,
    moment: undefined,
    from: { time: Date.UTC(2026, 10, 21, 11, 24, 0, 500) },
  });
});
