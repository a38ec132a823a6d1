// A compositor named by blanks was nobody in the list, and a brick with U+202E turned the writing of the line that it stood in.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { OLD, writeOldMap } from '../support/old-map.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';

/** Of each kind one; test/domain/printable.test.ts has the rule. */
const WRONG = ['', ' ', '\u200B\u200D', '\u3164', 'a\u202Eb', '\u2066a\u2069', '\x1B[31m', 'a\u0085'];
const RIGHT = ['\u{1F9F1}'.repeat(128), 'می\u200Cخواهم', 'שלום', '\u{1F469}\u{1F3FD}\u200D\u{1F680}'];
const EXPECTS = /^(holds U\+[0-9A-F]{4}|is blank|is empty)$/;

type Write = readonly [
  method: 'POST' | 'PUT' | 'PATCH',
  url: string,
  body: (text: string) => object,
  field: string,
];

/** Every place in which the API takes a text for people. */
const WRITES: readonly Write[] = [
  ['POST', '/compositors', (name) => ({ id: 'new', name }), '/name'],
  ['PUT', '/compositors/wall', (name) => ({ name }), '/name'],
  ['PATCH', '/compositors/wall', (name) => ({ name }), '/name'],
  ['PATCH', '/compositors/wall', (version) => ({ version }), '/version'],
  ['PATCH', '/compositors/wall', (platform) => ({ platform }), '/platform'],
  ['PATCH', '/compositors/wall', (room) => ({ labels: { room } }), '/labels/room'],
  ['PATCH', '/compositors/wall', (text) => ({ capabilities: ['tiles', text] }), '/capabilities/1'],
  ['PUT', '/compositors/wall', (instance) => ({ name: 'Wall', instance }), '/instance'],
  ['PATCH', '/compositors/wall/tiles', (brick) => ({ '3,-4': { brick } }), '/3,-4/brick'],
  ['PUT', '/compositors/wall/tiles', (brick) => ({ '3,-4': { brick } }), '/3,-4/brick'],
  ['POST', '/regions', (purpose) => ({ compositor: 'wall', rect: '0,0,1,1', purpose }), '/purpose'],
  ['POST', '/compositors/wall/commands', (command) => ({ command }), '/command'],
];
/** What may be empty. */
const OPTIONAL = ['/labels/room', '/purpose'];

t.test('a text that nobody could read is refused, and the field is named', async (t) => {
  const { inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const before = (await inject('/manifest')).json;
  for (const [method, url, body, field] of WRITES)
    for (const text of WRONG) {
      if (text === '' && OPTIONAL.includes(field)) continue;
      const { status, json, text: reply } = await inject({ method, url, payload: body(text) });
      t.match(
        { status, json },
        { status: 400, json: { errors: [{ in: 'body', field, detail: EXPECTS }] } },
        url,
      );
      t.notMatch(reply, /[\u202A-\u202E\u2066-\u2069\u0085]/u, 'and the answer is harmless');
    }
  const address = { protocol: 'http', address: '127.0.0.1\u202E', port: 5000 };
  const refused = await inject({ method: 'PATCH', url: '/compositors/wall', payload: address });
  t.match(refused, { status: 400, json: { errors: [{ field: '/address' }] } });
  t.strictSame((await inject('/manifest')).json, before, 'nothing was changed');
});

// A name that was too long, blank, or turned around got one and the same sentence, which left the finding to its writer.
// An address that was a URL was taken, and nothing ever connected to it.
t.test('what is wrong with a text is said, and an address is no URL', async (t) => {
  const { inject } = await build(t);
  for (const [field, text, detail] of [
    ['name', 'x'.repeat(255), 'is 255 characters, at most 128'],
    ['name', 'a\u202Eb', 'holds U+202E'],
    ['name', ' ', 'is blank'],
    ['name', '', 'is empty'],
    ['address', 'http://127.0.0.1:24799', /^must be a host name or an IP address alone/],
  ] as const) {
    const payload = { name: 'Wall', [field]: text };
    const reply = await inject({ method: 'PUT', url: '/compositors/dead', payload });
    t.match(reply, { status: 400, json: { errors: [{ field: `/${field}`, detail }] } });
    t.equal(reply.json.errors.length, 1, 'one fault is one error');
  }
});

t.test('texts in scripts with joiners, and of emoji, are taken as they are', async (t) => {
  const { inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  for (const [method, url, body] of WRITES)
    for (const text of RIGHT) {
      // 64 characters at most.
      const payload = body(
        /version|platform|cap/.test(JSON.stringify(body(''))) ? Array.from(text).slice(0, 64).join('') : text,
      );
      const { status } = await inject({ method, url, payload });
      t.ok(status < 300 || status === 409, `${method} ${url} ${status}`);
    }
  const emoji = '\u{1F9F1}'.repeat(255);
  const put = await inject({
    method: 'PUT',
    url: '/compositors/wall/tiles',
    payload: { '0,0': { brick: emoji } },
  });
  t.equal(put.status, 200);
  t.equal((await inject('/manifest')).json.tiles['0,0'].brick, emoji);
  const found = await inject(`/manifest/search?brick=${encodeURIComponent(emoji)}`);
  t.match(found.json, { total: 1, items: [{ cell: '0,0', brick: emoji }] });
  const picture = await inject(`/builder/map/${encodeURIComponent(emoji)}`);
  t.ok([200, 302, 404].includes(picture.status), 'it is too long for a file, and no fault of ours');
  const long = { '0,0': { brick: `${emoji}\u{1F9F1}` } };
  t.equal((await inject({ method: 'PUT', url: '/compositors/wall/tiles', payload: long })).status, 400);
});

t.test('over its own link a compositor may say no more than by HTTP', async (t) => {
  const { app, inject } = await build(t);
  const url = await app.listen();
  const { json } = await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const wall = new DialingPeer(t);
  await wall.dial(`${url}/compositors/wall/link?generation=${json.lease.generation}`);
  await eventually(async () => (await inject('/compositors/wall')).json.status === 'connected', 'connected');
  const problem = (field: string) => ({ ok: false, problem: { errors: [{ field, detail: EXPECTS }] } });
  t.match(
    await wall.ask({ type: 'tiles', tiles: { '0,0': { brick: 'a\u202Eb' } } }),
    problem('/tiles/0,0/brick'),
  );
  t.match(await wall.ask({ type: 'register', name: '\u3164' }), problem('/name'));
  wall.say({ type: 'tile_update', x: 0, y: 0, brick: '\u202Ex' });
  wall.say({ type: 'tile_update', x: 0, y: 1, brick: 'x' });
  const keys = async () => Object.keys((await inject('/manifest/tiles')).json as object);
  await eventually(async () => (await keys()).length > 0, 'the second tile');
  t.strictSame(await keys(), ['0,1']);
  wall.onCommand = () => {
    throw new Error('no \u202Esuch view');
  };
  const failed = await inject({
    method: 'POST',
    url: '/compositors/wall/commands',
    payload: { command: 'zoom' },
  });
  t.match(failed.json, { ok: false, error: 'no such view' });
});

t.test('what came in before is served as it is, and can be found and changed', async (t) => {
  const path = t.testdir();
  await writeOldMap(path);
  const { inject } = await build(t, { settings: { store: `file:${path}` } });
  const { compositors, tiles, regions } = (await inject('/manifest')).json;
  t.equal(compositors.turned.name, OLD.names.turned);
  t.equal(compositors.blank.name, OLD.names.blank);
  for (const [key, brick] of Object.entries(OLD.bricks)) t.equal(tiles[key].brick, brick);
  t.equal(regions.R3kX9mQ2vT7a.purpose, OLD.purpose);
  t.match((await inject('/compositors/turned/tiles')).json['1,0'], { brick: ' ' });
  t.equal(
    (await inject('/manifest/search?brick=%E2%80%AE')).json.total,
    1,
    'it is found by what is wrong with it',
  );
  t.not((await inject(`/builder/map/${encodeURIComponent(OLD.bricks['0,0'])}`)).status, 400);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const barred = await inject({
    method: 'PATCH',
    url: '/compositors/wall/tiles',
    payload: { '3,3': { brick: 'x' } },
  });
  t.match(barred, { status: 409, json: { regions: [{ purpose: OLD.purpose }] } });
  t.match(barred.text, String.raw`the \u2066lobby`, 'a problem that quotes it does so harmlessly');
});
