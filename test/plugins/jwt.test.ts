import t from 'tap';
import { openStream } from '../../src/conformance/event-source.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { JwtIssuer } from '../support/jwt-issuer.ts';
import { tokenFor } from '../support/tokens.ts';

const eye = tokenFor('eye', ['read']);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

t.test('a JWT is a token like another: scopes and limits hold', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const { inject, log } = await build(t, { settings: { auth: [eye.entry], jwt: issuer.settings } });
  const wall = {
    headers: bearer(await issuer.sign({ scope: 'write', compositors: ['wall'], view: '0,0,9,9' })),
  };
  const put = (id: string) =>
    inject({ ...wall, method: 'PUT', url: `/compositors/${id}`, payload: { name: id } });
  const tiles = (key: string) =>
    inject({ ...wall, method: 'PATCH', url: '/compositors/wall/tiles', payload: { [key]: { brick: 'a' } } });
  t.match(await put('wall'), { status: 201 });
  t.match(await put('door'), { status: 403, json: { detail: /other compositors/ } });
  t.match(await tiles('1,1'), { status: 200 });
  t.match(await tiles('10,1'), { status: 403, json: { detail: /within 0,0,9,9/ } });
  t.match(await inject({ ...wall, url: '/manifest' }), { status: 403 });
  t.match(await inject({ url: '/manifest', headers: eye.headers }), { status: 200 }, 'listed ones, too');
  for (const token of [await issuer.sign({ iss: 'x' }), 'a.b.c', 'a.b.'])
    t.match(await inject({ url: '/manifest', headers: bearer(token) }), {
      status: 401,
      headers: { 'www-authenticate': /error="invalid_token"/ },
    });
  t.match(await inject('/manifest'), { status: 401 });
  t.notMatch(JSON.stringify(log), /eyJ/, 'no token is in the log');
});

t.test('with the keys of an issuer alone, nothing is open', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const { inject } = await build(t, { settings: { jwt: issuer.settings } });
  t.match(await inject('/manifest'), { status: 401 });
  const headers = bearer(await issuer.sign({ scope: 'read' }));
  t.match(await inject({ url: '/manifest', headers }), { status: 200 });
});

t.test('an idle stream ends within 5 s after its JWT', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const { app } = await build(t, {
    settings: { jwt: { ...issuer.settings, tolerance: 0 }, stream: { heartbeat: 300 } },
  });
  const url = await app.listen();
  const exp = Math.ceil(Date.now() / 1000) + 3;
  const stream = await openStream({
    url: `${url}/manifest/stream`,
    headers: bearer(await issuer.sign({ scope: 'read', exp })),
  });
  t.teardown(() => stream.destroy());
  await eventually(() => app.feed.readers === 1, 'it is open');
  let last = '';
  for await (const item of stream) if (item.type === 'event') last = `${item.event} ${item.data}`;
  t.equal(last, 'bye {"reason":"unauthorized"}');
  const late = Date.now() - exp * 1000;
  t.ok(late >= 0 && late < 60_000, `${late} ms after the end`);
});
