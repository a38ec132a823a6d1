// FAILURES 24 (slow-loris, inbound). A client that sends its request a byte at a time holds a connection for a bounded time, and
// nobody else notices; one that reads its stream slowly is no such client.
import { connect } from 'node:net';
import t from 'tap';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { RawStream } from './raw-stream.ts';

t.test('heads that never end are ended', { timeout: 60_000 }, async (t) => {
  const { app, config } = await build(t);
  const url = await app.listen();
  const { port } = config.settings.listen;
  const stream = new RawStream({ port });
  t.teardown(() => stream.destroy());
  await stream.until('event: synced');
  const drips = Array.from({ length: 20 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /manifest HTTP/1.1\r\nHost: localhost\r\nX-Drip: ');
    const dripping = setInterval(() => socket.write('x'), 500);
    t.teardown(() => socket.destroy());
    let answer = '';
    socket.on('data', (bytes) => (answer += bytes.toString()));
    return new Promise<string>((resolve) => {
      socket.on('close', () => {
        clearInterval(dripping);
        resolve(answer);
      });
    });
  });
  t.equal((await send('GET', `${url}/health/ready`)).status, 200, 'others are answered meanwhile');
  for (const answer of await Promise.all(drips)) t.match(answer, /^HTTP\/1\.1 408 [^]*invalid-request/);
  t.notOk(stream.socket.destroyed, 'a stream stays: its request came at once');
});
