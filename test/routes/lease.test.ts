import t from 'tap';
import { build } from '../support/build.ts';

t.test('a lease is renewed with or without a body, and costs no revision', async (t) => {
  const { inject, app } = await build(t);
  const made = await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const renew = (payload?: object) =>
    inject({ method: 'PUT', url: '/compositors/wall/lease', ...(payload && { payload }) });
  t.match(await renew(), { status: 200, json: { lease: { generation: made.json.lease.generation } } });
  t.match(await renew({}), { status: 200 });
  t.match(await renew({ cursor: made.json.cursor }), {
    json: { republish: false, cursor: made.json.cursor },
  });
  t.match(await renew({ cursor: '1-00000000' }), { json: { republish: true } });
  t.match(await renew({ cursor: 'garbage' }), { status: 400, json: { errors: [{ field: '/cursor' }] } });
  t.match(await renew({ cursr: 'x' }), { status: 400 });
  t.equal(app.replica.copy.head, made.json.cursor);
  const empty = { method: 'PUT', url: '/compositors/wall/lease', payload: '' } as const;
  t.match(await inject({ ...empty, headers: { 'content-type': 'application/json' } }), { status: 200 });
  t.match(await inject({ method: 'PUT', url: '/compositors/nobody/lease' }), {
    status: 404,
    json: { type: '/problems/not-found' },
  });
});
