import { get } from 'node:http';
import t from 'tap';
import { build, type Built } from '../support/build.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { rawRequest } from '../support/raw-request.ts';

// FAILURES 34. What went wrong: requests that say nothing wrong were refused, for what clients and proxies add by themselves.

const TYPES = ['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream', 'no type', ''];

t.test('an empty body of any type is no body', async (t) => {
  const { app, inject } = await build(t);
  const url = await app.listen();
  const send = async (method: string, path: string, type: string, body: string, framing: string) => {
    const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\n`;
    const answer = await rawRequest(url, `${head}${framing}\r\n\r\n${body}`);
    return Number(answer.slice(9, 12));
  };
  for (const type of TYPES)
    for (const [framing, body] of [
      ['Content-Length: 0', ''],
      ['Transfer-Encoding: chunked', '0\r\n\r\n'],
    ] as const) {
      await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 600 } });
      const said = `${type}, ${framing}`;
      t.equal(await send('PUT', '/compositors/wall/lease', type, body, framing), 200, `PUT, ${said}`);
      t.equal(await send('DELETE', '/session', type, body, framing), 204, `DELETE, ${said}`);
      t.equal(await send('DELETE', '/compositors/wall', type, body, framing), 200, `DELETE, ${said}`);
    }
  for (const [framing, body] of [
    ['Content-Length: 15', '{"name":"Wall"}'],
    ['Transfer-Encoding: chunked', '1\r\n{\r\n0\r\n\r\n'],
  ] as const) {
    t.equal(await send('PUT', '/compositors/wall', 'text/plain', body, framing), 415, framing);
    t.equal(await send('PUT', '/compositors/wall', 'no type', body, framing), 415, framing);
  }
});

t.test('a page may read with the headers that clients and tracers add', async (t) => {
  const { inject } = await build(t);
  const names = ['last-event-id', 'cache-control', 'pragma', 'x-requested-with', 'traceparent', 'tracestate'];
  for (const name of [...names, 'baggage', 'if-none-match', 'x-request-id', 'authorization']) {
    const { headers } = await inject({
      method: 'OPTIONS',
      url: '/manifest/stream',
      headers: {
        origin: 'https://map.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': name,
      },
    });
    const allowed = String(headers['access-control-allow-headers']).toLowerCase().split(', ');
    t.ok(allowed.includes(name), name);
  }
});

/** The first events of a stream, or its status. */
function opening(base: string, query: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${base}/manifest/stream${query}`, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      const end = () => {
        response.destroy();
        resolve(response.statusCode === 200 ? text : String(response.statusCode));
      };
      response.on('data', (piece: string) => {
        text += piece;
        if (/event: (synced|snapshot|patch)\n.*\n\n/.test(text)) end();
      });
      response.on('end', end);
    }).on('error', reject);
  });
}

t.test('a place in the query is one, and a reader that returns is never answered 400', async (t) => {
  const { app, inject } = await build(t);
  const url = await app.listen();
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 600 } });
  const { json } = await inject('/manifest');
  const place = String(json.cursor);
  for (const name of ['lastEventId', 'last-event-id', 'Last-Event-ID']) {
    const events = await opening(url, `?${name}=${place}`);
    t.match(events, /event: synced/, name);
    t.notMatch(events, /snapshot/, `${name} resumes`);
    t.notMatch(await opening(url, `?${name}=0-00000000&${name}=${place}`), /snapshot/, 'the last of several');
  }
  t.match(
    await opening(url, `?lastEventId=${place}`, { 'last-event-id': 'x' }),
    /snapshot/,
    'the header wins',
  );
  t.match(await opening(url, '?lastEventId='), /snapshot/, 'none yet');
  for (const query of [
    '?_=1',
    '?t=1&r=0.5',
    '?since=x&since=y',
    '?view=nonsense',
    '?compositor=%20',
    '?view=1&view=2',
  ]) {
    t.equal(await opening(url, query), '400', `${query} at first`);
    t.match(await opening(url, `${query}&lastEventId=${place}`), /event: /, `${query} by a polyfill`);
    t.match(await opening(url, query, { 'last-event-id': place }), /event: /, `${query} by a browser`);
  }
  const narrow = await opening(url, `?_=1&view=0,0,5,5&compositor=wall&lastEventId=gone`);
  t.match(narrow, /"view":\{"rect":"0,0,5,5","compositors":\["wall"\]\}/, 'what is valid counts');
});

t.test('the default port is no other origin', async (t) => {
  const { inject } = await build(t, { settings: { hosts: ['map.example'] } });
  const cases: [origin: string, host: string, own: boolean][] = [
    ['https://map.example', 'map.example', true],
    ['https://map.example', 'map.example:443', true],
    ['https://map.example:443', 'map.example', true],
    ['http://map.example', 'MAP.example:80', true],
    ['https://map.example:8443', 'map.example:8443', true],
    ['http://[::1]', '[::1]:80', true],
    ['http://localhost', 'localhost:', true],
    ['https://map.example', 'map.example:80', false],
    ['http://map.example', 'map.example:443', false],
    ['https://map.example', 'map.example:8443', false],
    ['https://evil.example', 'map.example:443', false],
    ['null', 'map.example:443', false],
    ['file://', 'map.example:443', false],
  ];
  for (const [origin, host, own] of cases) {
    const write = { method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } } as const;
    const { status } = await inject({ ...write, headers: { origin, host } });
    t.equal(status < 300, own, `${origin} at ${host}: ${status}`);
  }
});

t.test('100 Continue comes only when the body is wanted', async (t) => {
  const { app, inject } = await build(t);
  const url = await app.listen();
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 600 } });
  const ask = async (line: string, headers: string, body = '') => {
    const head = `${line} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\n${headers}\r\n\r\n`;
    const answer = await rawRequest(url, head + body);
    return [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  };
  const json = 'Content-Type: application/json\r\n';
  const refused: [line: string, headers: string, status: number][] = [
    ['PATCH /compositors/wall/tiles', `${json}Content-Length: 2000000`, 413],
    ['PUT /nothing', `${json}Content-Length: 100`, 404],
    ['PUT /manifest', `${json}Content-Length: 100`, 405],
    ['PUT /compositors/wall', 'Content-Type: text/plain\r\nContent-Length: 100', 415],
    ['PUT /compositors/WALL', `${json}Content-Length: 100`, 400],
    ['PUT /compositors/wall?x=1', `${json}Content-Length: 100`, 400],
    ['PUT /compositors/wall', `${json}Origin: https://evil.example\r\nContent-Length: 100`, 403],
    ['PUT /compositors/gone/proxy/x', `${json}Content-Length: 100`, 404],
    ['PUT /compositors/wall/proxy/x', `${json}Content-Length: 100`, 409],
  ];
  for (const [line, headers, status] of refused)
    t.strictSame(await ask(line, headers), [status], `${line}, ${headers}`);
  const body = '{"name":"Wall"}';
  t.strictSame(await ask('PUT /compositors/wall', `${json}Content-Length: 15`, body), [100, 200]);
  const chunked = `f\r\n${body}\r\n0\r\n\r\n`;
  t.strictSame(await ask('PUT /compositors/wall', `${json}Transfer-Encoding: chunked`, chunked), [100, 200]);
});

t.test('a long poll of 60 s ends before those who wait 60 s', async (t) => {
  const clock = new ManualClock();
  const built: Built = await build(t, { clock });
  const { json } = await built.inject('/manifest');
  const answered = built.inject(`/manifest/changes?since=${String(json.cursor)}&wait=60`);
  let status = 0;
  answered.then(
    (answer) => (status = answer.status),
    (error: unknown) => t.fail(String(error)),
  );
  for (let second = 0; second < 58 && status === 0; second++) {
    await clock.advance(1000);
    await new Promise(setImmediate);
  }
  t.equal((await answered).status, 200);
});
