// api_server.rs takes no /commands: its own calls are commands all the same, from the console and over REST.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { script } from '../commands/console-script.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';

interface Call {
  readonly fields: readonly string[];
  readonly answer: (params: Record<string, unknown>, id: number) => object;
}

const done = (message: string) => ({ success: true, message });

/** Its calls with the fields that its types require, as far as this test goes. */
const CALLS: Readonly<Record<string, Call>> = {
  'POST /api/terminal/spawn': {
    fields: ['tile_id', 'rows', 'cols', 'shell', 'x', 'y'],
    answer: ({ tile_id }) => ({ ...done('Terminal spawn request queued'), tile_id }),
  },
  'POST /api/terminal/{id}/resize': {
    fields: ['rows', 'cols'],
    answer: (_, id) => done(`Terminal ${id} resize request queued`),
  },
  'DELETE /api/terminal/{id}': {
    fields: [],
    answer: (_, id) => done(`Terminal ${id} destroy request queued`),
  },
  'POST /api/load-file': {
    fields: ['file_path'],
    answer: ({ file_path }) => ({
      success: false,
      message: `File not found: ${String(file_path)}`,
      loaded_path: null,
    }),
  },
  'GET /api/scan': {
    fields: [],
    answer: () => ({ poi: [{ x: 1200, y: 0, brick: 'Alpine_VM', is_focused: false }] }),
  },
};

/** A stand-in that answers as its router does: 422 in plain text for a body that does not fit, 405 where only files are. */
async function apiServer(t: Test): Promise<{ port: number; got: string[] }> {
  const got: string[] = [];
  const plain = (response: ServerResponse, status: number, message: string) =>
    void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
  const json = (response: ServerResponse, body: object) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request;
    const body = await text(request);
    const path = url.split('?', 1)[0]!;
    if (path === '/health') return json(response, { status: 'ok', backend: 'infinite_map_rs' });
    got.push(`${method} ${url} ${body}`);
    const [, id] = /^\/api\/terminal\/([^/]+)(?:\/resize)?$/.exec(path) ?? [];
    const isNumber = id !== undefined && id !== 'spawn';
    const call = CALLS[`${method} ${isNumber ? path.replace(`/${id}`, '/{id}') : path}`];
    if (!call) return void response.writeHead(method === 'GET' ? 404 : 405).end();
    if (isNumber && !/^-?[0-9]+$/.test(id))
      return plain(response, 400, `Invalid URL: Cannot parse \`${id}\` to a \`i64\``);
    const params = JSON.parse(body || '{}') as Record<string, unknown>;
    const missing = call.fields.find((field) => !(field in params));
    if (missing !== undefined)
      return plain(
        response,
        422,
        `Failed to deserialize the JSON body into the target type: missing field \`${missing}\``,
      );
    return json(response, call.answer(params, Number(id)));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, got };
}

t.test('its calls, by name, without a word of configuration', async (t) => {
  const { port, got } = await apiServer(t);
  const daemon = await startDaemon(t, { env: { COMPOSITORD_CONNECT_INTERVAL: '0.3' } });
  const spawn = '{"tile_id":7,"rows":24,"cols":80,"shell":"/bin/sh","x":0.5,"y":1}';
  const made = await script(daemon.url, [
    `create Rust protocol=http address=127.0.0.1 port=${port}`,
    'wait rust',
    `send rust terminal.spawn ${spawn}`,
    'use rust',
    'step terminal.resize {"id": 7, "rows": 30, "cols": 90}',
    'step scan',
    'use',
    'step terminal.destroy {"id": 7}',
  ]);
  t.match(made, { code: 0, err: '' });
  t.match(made.out, /Terminal spawn request queued[^]*Terminal 7 resize[^]*Alpine_VM[^]*Terminal 7 destroy/);
  const calls = got.filter((each) => !each.startsWith('GET /api/status') && !each.startsWith('GET /info'));
  t.same(calls, [
    `POST /api/terminal/spawn ${spawn}`,
    'POST /api/terminal/7/resize {"rows":30,"cols":90}',
    'GET /api/scan ',
    'DELETE /api/terminal/7 ',
  ]);
  const { body } = await send('GET', `${daemon.url}/compositors/rust/commands`);
  t.match(body, { others: false });
  t.match(
    body.commands.find(({ name }: { name: string }) => name === 'terminal.resize'),
    { method: 'POST', path: '/api/terminal/{id}/resize', params: ['id'] },
  );
});

t.test('what it says when a call fails reaches the caller', async (t) => {
  const { port } = await apiServer(t);
  const daemon = await startDaemon(t, { env: { COMPOSITORD_CONNECT_INTERVAL: '0.3' } });
  await script(daemon.url, [`create Rust protocol=http address=127.0.0.1 port=${port}`, 'wait rust']);
  const run = (command: string, params: object) =>
    send('POST', `${daemon.url}/compositors/rust/commands`, { command, params });
  t.match(await run('terminal.resize', { id: 7, rows: 30 }), {
    status: 200,
    body: {
      ok: false,
      error: /^POST \/api\/terminal\/7\/resize answered 422: Failed to deserialize .*`cols`$/,
    },
  });
  t.match(await run('terminal.destroy', { id: 'seven' }), {
    body: { ok: false, error: /answered 400: Invalid URL: Cannot parse `seven`/ },
  });
  t.match(await run('load-file', { file_path: '/none.rts.png' }), {
    body: { ok: false, error: 'File not found: /none.rts.png', answer: { success: false } },
  });
  t.match(await run('reload', {}), { status: 400, body: { errors: [{ field: '/command' }] } });
});
