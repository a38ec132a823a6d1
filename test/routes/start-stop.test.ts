import t, { type Test } from 'tap';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';

async function fleet(t: Test, count: number) {
  const built = await build(t);
  const { inject, app } = built;
  for (let i = 0; i < count; i++) {
    const payload = {
      name: `C ${i}`,
      ttl: 3600,
      labels: { room: i % 2 === 0 ? 'lobby' : 'hall', n: String(i) },
    };
    await inject({ method: 'PUT', url: `/compositors/c${i}`, payload });
  }
  const run = (how: 'start' | 'stop', payload: object, headers = {}) =>
    inject({ method: 'POST', url: `/compositors/${how}`, payload, headers });
  const stopped = () =>
    [...app.replica.copy.manifest.compositors()].filter(([, { enabled }]) => !enabled).map(([id]) => id);
  return { ...built, run, stopped };
}

t.test('all of them, and each is reported', async (t) => {
  const { run, stopped, app, log } = await fleet(t, 3);
  const { status, json, headers } = await run('stop', {});
  t.equal(status, 200);
  t.same(json, {
    changed: 3,
    items: ['c0', 'c1', 'c2'].map((id) => ({ id, ok: true, status: 'stopped' })),
    next: null,
  });
  t.equal(headers['manifest-cursor'], app.replica.copy.head);
  t.same(stopped(), ['c0', 'c1', 'c2']);
  t.match((await run('start', {})).json.items, [{ id: 'c0', ok: true, status: 'registered' }, {}, {}]);
  t.same(stopped(), []);
  t.match(
    log.filter(({ msg, url }) => msg === 'request' && String(url).startsWith('/compositors/st')),
    [
      { url: '/compositors/stop', changed: 3 },
      { url: '/compositors/start', changed: 3 },
    ],
    'and it stands in the log',
  );
  const { head } = app.replica.copy;
  t.equal((await run('start', {})).json.changed, 0);
  t.equal(app.replica.copy.head, head, 'who runs already costs no commit');
});

t.test('those with these ids; one that is not there stops no other', async (t) => {
  const { run, stopped } = await fleet(t, 3);
  const { json } = await run('stop', { ids: ['c2', 'nobody', 'c0', 'c2'] });
  t.match(json.items, [
    { id: 'c2', ok: true },
    { id: 'nobody', ok: false, problem: { type: '/problems/not-found', status: 404, detail: /nobody/ } },
    { id: 'c0', ok: true },
  ]);
  t.same(stopped().sort(), ['c0', 'c2']);
});

t.test('those with these labels', async (t) => {
  const { run, stopped } = await fleet(t, 4);
  t.match((await run('stop', { labels: { room: 'hall' } })).json.items, [{ id: 'c1' }, { id: 'c3' }]);
  t.same(stopped(), ['c1', 'c3']);
  t.match((await run('stop', { labels: { room: 'hall', n: '0' } })).json.items, []);
  t.match((await run('start', { labels: { room: 'hall' }, after: 'c1' })).json.items, [{ id: 'c3' }]);
});

t.test('a token for some compositors starts and stops those', async (t) => {
  const { run, stopped, app } = await fleet(t, 3);
  const bound = tokenFor('bound', ['write'], ['c1']);
  const eye = tokenFor('eye', ['read']);
  app.tokens.replace({ auth: [bound.entry, eye.entry], anonymous: [] });
  t.match(await run('stop', {}), { status: 401 });
  t.match(await run('stop', {}, eye.headers), { status: 403 });
  t.match((await run('stop', {}, bound.headers)).json.items, [{ id: 'c1', ok: true }]);
  t.match((await run('stop', { ids: ['c0', 'c1'] }, bound.headers)).json.items, [
    { id: 'c0', ok: false, problem: { type: '/problems/forbidden' } },
    { id: 'c1', ok: true },
  ]);
  t.same(stopped(), ['c1']);
});

t.test('bad input names the field, and stops nobody', async (t) => {
  const { run, stopped, inject } = await fleet(t, 1);
  for (const [payload, field] of [
    [{ ids: 'c0' }, '/ids'],
    [{ ids: ['A B'] }, '/ids/0'],
    [{ ids: Array.from({ length: 1001 }, (_, i) => `c${i}`) }, '/ids'],
    [{ labels: { room: 1 } }, '/labels/room'],
    [{ ids: ['c0'], labels: { room: 'lobby' } }, '/labels'],
    [{ ids: ['c0'], after: 'b' }, '/after'],
    [{ id: 'c0' }, '/id'],
  ] as const)
    t.match(await run('stop', payload), { status: 400, json: { errors: [{ in: 'body', field }] } }, field);
  t.match(await inject({ method: 'POST', url: '/compositors/stop' }), { status: 400 }, 'all is said with {}');
  t.same(stopped(), []);
});

t.test('ids that are called like that are ids', async (t) => {
  const { inject } = await build(t);
  for (const id of ['start', 'stop', 'all'])
    t.match(await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } }), {
      status: 201,
    });
  t.match(await inject('/compositors/start'), { status: 200, json: { id: 'start' } });
});
