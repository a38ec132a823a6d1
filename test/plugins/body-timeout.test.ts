import { connect, type AddressInfo } from 'node:net';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { addBodyTimeout } from '../../src/plugins/body-timeout.ts';
import { addPipelining, Pipelining } from '../../src/plugins/pipelining.ts';
import { addRouteConfig } from '../../src/plugins/route-config.ts';
import { build } from '../support/build.ts';

const OWN = { 'content-type': 'application/json' };

/** A server that gives bodies a short while, and how to send it half a body. */
async function impatient(t: Test) {
  const server = fastify();
  addRouteConfig(server);
  const pipelining = new Pipelining({ headersTimeout: 10_000 });
  addPipelining(server, pipelining);
  addBodyTimeout(server, { ms: 200, pipelining, base: '' });
  server.post('/own', async () => 'read');
  server.get('/quick', async () => 'answered');
  await server.register(async (scope) => {
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const config = { watchesBody: true };
    scope.post('/long', { config }, async ({ raw }) => {
      for await (const piece of raw) String(piece);
      return 'read';
    });
    scope.post('/early', { config }, async () => 'answered');
    scope.post('/left', { config }, async ({ raw }) => {
      for await (const piece of raw) return `answered ${piece.length}`;
      return 'nothing';
    });
  });
  await server.listen({ port: 0 });
  t.teardown(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  return (what: string, headers: Record<string, string> = {}) => {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${what} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}Content-Length: 4\r\n\r\n"a`);
    let said = '';
    socket.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(said)));
    const answer = new Promise<string>((resolve) => socket.once('data', resolve));
    return { ended, answer, finish: () => socket.write('b"') };
  };
}

t.test('a body that does not end is ended, whatever became of its request', async (t) => {
  const send = await impatient(t);
  t.match(await send('POST /own', OWN).ended, /^HTTP\/1.1 408 /);
  t.match(await send('GET /quick').ended, /^HTTP\/1.1 200 [^]*answeredHTTP\/1.1 408 /);
  t.match(await send('POST /nowhere', OWN).ended, /^HTTP\/1.1 408 /);
  t.match(
    await send('POST /early').ended,
    /^HTTP\/1.1 200 [^]*answeredHTTP\/1.1 408 /,
    'nobody watches it any more',
  );
});

// What went wrong: whoever leaves a body in its middle (a forwarded upload whose compositor answers early) takes the socket from its
// request, and five minutes later the timer that looked for it there ended the daemon.
t.test('a body that was left in its middle is ended, too', async (t) => {
  const send = await impatient(t);
  for (let i = 0; i < 3; i++)
    t.match(await send('POST /left').ended, /^HTTP\/1.1 200 [^]*answered 2HTTP\/1.1 408 /);
  const complete = send('POST /left');
  await complete.answer;
  complete.finish();
  const unfinished = send('POST /left');
  await unfinished.ended;
  t.match(await complete.answer, /^HTTP\/1.1 200 [^]*answered 2$/);
});

t.test('one that a route watches itself lasts as long as that lets it', async (t) => {
  // What went wrong: Node's limit of five minutes counted the whole request, and cut uploads through the proxy however fast
  // their bytes flowed.
  const send = await impatient(t);
  const long = send('POST /long');
  for (let i = 0; i < 2; i++) t.match(await send('POST /own', OWN).ended, / 408 /, 'its time is over');
  long.finish();
  t.match(await long.answer, /^HTTP\/1.1 200 /);
});

t.test('in the daemon that is the proxy alone; heads have a limit for all', async (t) => {
  const watching = new Set<string>();
  const { app } = await build(t, {
    register: (server) =>
      server.addHook('onRoute', ({ url, config }) => {
        if (config?.watchesBody) watching.add(url);
      }),
  });
  t.strictSame([...watching], ['/compositors/:id/proxy/*']);
  t.match(app.server.server, { requestTimeout: 0, headersTimeout: 10_000 });
});
