// The connections of two replicas to Redis are cut in mid-command, with the replies lost: what was sent may have been done.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { tcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { under } from './under.ts';
import { moreWrites } from './writer.ts';

t.test(
  'the way to Redis is cut in mid-command 200 times, replies swallowed',
  { timeout: 110_000 },
  async (t) => {
    const proxies: TcpProxy[] = [];
    const store = async ({ port }: { port: number }) => {
      proxies.push(await tcpProxy(t, port));
      return `redis://127.0.0.1:${proxies[0]!.port}`;
    };
    let cuts = 0;
    await under(t, { seed: 16, store, pause: 0 }, async ({ all, random }) => {
      const [proxy] = proxies as [TcpProxy];
      while (cuts < 200) {
        // As a commit goes by: it arrives, its reply does not, and then the line is dead.
        await new Promise<void>((resolve) => {
          proxy.onRequest = () => {
            proxy.onRequest = undefined;
            proxy.swallowReplies();
            resolve();
          };
        });
        await delay(random.between(0, 5));
        proxy.cut(random.pick(['rst', 'fin']));
        cuts++;
        if (cuts % 20 === 0) await moreWrites(all, 2);
      }
    });
    t.equal(cuts, 200);
  },
);
