import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import { freePort } from '../support/free-port.ts';

/** A slow line to `port`: at most `bytesPerSecond` towards the client. Resolves to its base URL. */
export async function slowLine(t: Test, port: number, bytesPerSecond: number): Promise<string> {
  const sockets = new Set<Socket>();
  const line = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Either end may go first; the other follows.
      socket.on('error', () => undefined);
    }
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    void trickle(upstream, client, bytesPerSecond);
  });
  line.listen(await freePort(), '127.0.0.1');
  await once(line, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    line.close();
  });
  return `http://127.0.0.1:${(line.address() as { port: number }).port}`;
}

async function trickle(from: Socket, to: Socket, bytesPerSecond: number): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (!to.write(chunk)) await once(to, 'drain');
      await delay((chunk.length / bytesPerSecond) * 1000);
    }
    to.end();
  } catch {
    to.destroy();
  }
}
