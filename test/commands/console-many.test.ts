// Many compositors in one line, and words in any case.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { script } from './console-script.ts';

const { url } = await startDaemon(t);
const dir = await temporaryFolder(t);
const inFolder = (name: string, text: string) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};
const entry = async (id: string) =>
  (await send('GET', `${url}/compositors/${id}`)).body as Record<string, unknown>;

t.test('create all registers the compositors of a list; one that fails stops no other', async (t) => {
  const list = [
    {
      name: 'One',
      version: '2.1',
      protocol: 'http',
      address: '127.0.0.1',
      port: 1,
      labels: { room: 'lobby' },
    },
    { name: 'Two', commands: { reload: { method: 'POST', path: '/reload' } } },
    { id: 'three', name: 'Three', enabled: false },
  ];
  const file = inFolder('compositors.json', JSON.stringify(list));
  const made = await script(url, [`create all ${file}`]);
  t.match(made, { code: 0, err: '' });
  t.match(made.out, /^one is \w+\ntwo is registered\nthree is stopped\n$/);
  t.match(await entry('one'), {
    name: 'One',
    version: '2.1',
    port: 1,
    labels: { room: 'lobby' },
    ttl: 86_400,
  });
  t.match(await entry('two'), { commands: { reload: { path: '/reload' } } });

  const more = inFolder('more.json', JSON.stringify([{ name: 'Two' }, { name: 'Four' }]));
  const again = await script(url, [`create ALL '${more}'`]);
  t.match(again, { code: 1, out: 'four is registered\n' });
  t.match(
    again.err,
    /^compositord console: line 1: create ALL [^\n]+: two: id-taken: "two" is registered and alive$/m,
  );
});

t.test('create all without a file registers nothing', async (t) => {
  for (const line of ['create all', 'CREATE ALL', 'create All a.json b.json'])
    t.match(await script(url, [line]), { code: 1, out: '', err: /usage: create all FILE/ }, line);
  t.equal((await send('GET', `${url}/compositors/all`)).status, 404);
  t.match(await script(url, ['create All version=1']), { code: 0, out: /^all is registered/ });
  await script(url, ['remove all']);
});

t.test('or of sections; and a file that is wrong registers none', async (t) => {
  const sections = inFolder(
    'compositord.yaml',
    'daemon: { name: x }\nwall: { name: The Wall, port: 2, address: a }\n',
  );
  t.match(await script(url, [`create all ${sections}`]), { code: 0, out: 'wall is registered\n' });
  for (const [text, why] of [
    [
      '[{ "name": "Never", "port": 0 }, { "id": "A B", "name": "x" }]',
      /:1:\d+: port must be [^\n]+\n[^\n]+: id must be/,
    ],
    ['never: { auth: { bearerFile: /etc/passwd } }', /auth is for the configuration of the daemon/],
    ['never: { limits: { takeover: true } }', /limits is for the configuration/],
    ['[', /bad\.json:1:/],
    ['4', /must be a mapping/],
  ] as const) {
    const bad = await script(url, [`create all ${inFolder('bad.json', text)}`]);
    t.match(bad, { code: 1, out: '', err: why }, text);
  }
  t.match(await script(url, [`create all ${join(dir, 'none.json')}`]), {
    code: 1,
    err: /there is no such file/,
  });
  t.match(await script(url, [`create all ${inFolder('empty.json', '[]')}`]), { code: 0, out: 'None.\n' });
  t.equal((await send('GET', `${url}/compositors/never`)).status, 404);
});

t.test('stop all and start all report each', async (t) => {
  const stopped = await script(url, ['stop all', 'list stopped']);
  t.match(stopped, { code: 0, err: '' });
  t.match(
    stopped.out,
    /^four is stopped\none is stopped\nthree is stopped\ntwo is stopped\nwall is stopped\n/,
  );
  t.equal(stopped.out.match(/^ +\w+ +stopped /gm)?.length, 5);
  const started = await script(url, ['Start ALL']);
  t.match(started.out, /^four is registered\none is \w+\nthree is registered\n/);
  t.match(await entry('three'), { enabled: true });
});

t.test('a fleet that is too large for one request is worked through in pages', async (t) => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(`${request.url} ${body}`);
      const first = body === '{}';
      const problem = { type: '/problems/forbidden', status: 403, detail: 'not yours' };
      const items = first ? [{ id: 'a', ok: true, status: 'stopped' }] : [{ id: 'b', ok: false, problem }];
      response.end(JSON.stringify({ changed: 1, items, next: first ? 'a' : null }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  const { port } = server.address() as AddressInfo;
  t.match(await script(`http://127.0.0.1:${port}`, ['stop all']), {
    code: 1,
    out: 'a is stopped\n',
    err: 'compositord console: line 1: stop all: b: forbidden: not yours\n',
  });
  t.same(bodies, ['/compositors/stop {}', '/compositors/stop {"after":"a"}']);
});

t.test('words ignore case: verbs, ids, states and fields', async (t) => {
  const made = await script(url, [
    'CREATE Five PROTOCOL=HTTP Address=127.0.0.1 Port=1',
    'Use FIVE',
    'STOP',
    'LS Stopped',
    'Quit',
  ]);
  t.match(made, { code: 0, err: '' });
  t.match(made.out, /^five is stopped\n[^]*^\* +five +stopped +http:\/\/127/m);
  t.match(await entry('five'), { name: 'Five', protocol: 'http', port: 1 });
  t.match(await script(url, ['Wait Five Stopped', 'REMOVE five']), {
    code: 0,
    out: /^five is stopped\nfive is removed/,
  });
});
