import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { SocketDecoder } from '../../src/adapters/embedded/socket-codec.ts';
import { SocketTransport } from '../../src/adapters/embedded/socket-transport.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { temporaryFolder } from '../support/daemon.ts';

const HINTS = 20_000;

// A process that is stopped read all hints of that time at once when it went on.
t.test('a replica that does not read gets the hints that its socket holds, and no more', async (t) => {
  // Not in the project's folder, whose path may be too long for a socket.
  const path = await temporaryFolder(t);
  await mkdir(join(path, 'post'));
  const silent = createServer({ pauseOnConnect: true }).listen(join(path, 'post', '0123456789ab.sock'));
  await once(silent, 'listening');
  const transport = new SocketTransport({ path, clock: new SystemClock() });
  t.teardown(async () => {
    await transport.close();
    silent.close();
  });
  const receiver = { self: 'ba9876543210', receive: () => undefined, disconnected: () => undefined };
  await transport.start(receiver);
  const accepted = once(silent, 'connection') as Promise<[Socket]>;
  transport.sendToAll('hint', true);
  const [socket] = await accepted;
  for (let sent = 1; sent < HINTS; sent++) {
    transport.sendToAll('hint', true);
    // What was sent so far goes out, as far as the socket takes it.
    if (sent % 100 === 0) await new Promise((next) => setImmediate(next));
  }
  t.equal(await transport.send('0123456789ab', 'message'), true, 'a message waits for it');
  const decoder = new SocketDecoder(1024);
  let hints = 0;
  await new Promise<void>((all) => {
    socket.on('data', (chunk: Buffer) => {
      for (const text of decoder.take(chunk)) {
        if (text === 'hint') hints += 1;
        else all();
      }
    });
    socket.resume();
  });
  t.ok(hints > 0 && hints < HINTS / 2, `${hints} of ${HINTS} hints`);
});
