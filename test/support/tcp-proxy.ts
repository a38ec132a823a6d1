import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

export interface TcpProxy {
  readonly port: number;
  /** How many connections were made through it so far. */
  readonly connections: number;
  /** Milliseconds that each piece is held back, each way. */
  delay: number;
  /** From now on nothing passes on the connections that stand; they stay open, as when a cable is pulled. */
  swallow(): void;
  /** The same for what the server says only: commands arrive, their replies are lost. */
  swallowReplies(): void;
  /** Ends all connections: with a RST, or politely. */
  cut(how: 'rst' | 'fin'): void;
  /** Called with each piece that goes to the server, before it goes. */
  onRequest: ((piece: Buffer) => void) | undefined;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  deaf: boolean;
  mute: boolean;
}

/** A port that leads to `target` on this machine, and what goes wrong with networks. */
export async function tcpProxy(t: Owner, target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const port = await freePort();
  let count = 0;
  const proxy: TcpProxy = {
    port,
    get connections() {
      return count;
    },
    delay: 0,
    onRequest: undefined,
    swallow: () => pairs.forEach((pair) => (pair.deaf = pair.mute = true)),
    swallowReplies: () => pairs.forEach((pair) => (pair.mute = true)),
    cut(how) {
      for (const { client, server } of pairs) {
        if (how === 'rst') client.resetAndDestroy();
        else client.end();
        server.destroy();
      }
      pairs.clear();
    },
  };

  const server = createServer((client) => {
    count += 1;
    const pair: Pair = { client, server: connect(target, '127.0.0.1'), deaf: false, mute: false };
    pairs.add(pair);
    const later = (run: () => void) => (proxy.delay === 0 ? run() : void setTimeout(run, proxy.delay));
    client.on('data', (piece) => {
      proxy.onRequest?.(piece);
      if (!pair.deaf) later(() => pair.server.write(piece));
    });
    pair.server.on('data', (piece) => {
      if (!pair.mute) later(() => client.write(piece));
    });
    for (const [socket, other] of [
      [client, pair.server],
      [pair.server, client],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        // What came before the end is on its way still.
        if (!pair.deaf) later(() => other.end());
      });
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    proxy.cut('rst');
    server.close();
  });
  return proxy;
}
