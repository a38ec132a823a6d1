// `compositord verify` through faults of real replicas, and of their way to Redis.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { tcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { kept, through } from './kept.ts';

t.test('a replica is killed and comes back', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async (fleet) => {
    const [, second] = fleet.daemons;
    await second!.stop('SIGKILL');
    await fleet.add(second!.port);
  });
  kept(t, run);
});

t.test('a third replica starts while the others write', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async (fleet) => {
    await fleet.add();
  });
  kept(t, run);
});

t.test('a replica stands still past every timeout', { timeout: 60_000 }, async (t) => {
  const run = await through(t, {}, async ({ daemons }) => {
    daemons[1]!.signal('SIGSTOP');
    await delay(4000);
    daemons[1]!.signal('SIGCONT');
  });
  // Who stands still answers nobody in time, and ends no link.
  kept(t, run, ['timely', 'leases', 'links']);
});

t.test('the way to Redis is cut in mid-command, replies swallowed', { timeout: 60_000 }, async (t) => {
  const proxies: TcpProxy[] = [];
  const store = async ({ port }: { port: number }) => {
    proxies.push(await tcpProxy(t, port));
    return `redis://127.0.0.1:${proxies[0]!.port}`;
  };
  const run = await through(t, { store }, async () => {
    const [proxy] = proxies as [TcpProxy];
    for (let cuts = 0; cuts < 20; cuts++) {
      // As a command goes by: it arrives, its reply does not, and then the line is dead.
      await new Promise<void>((resolve) => {
        proxy.onRequest = () => {
          proxy.onRequest = undefined;
          proxy.swallowReplies();
          resolve();
        };
      });
      proxy.cut(cuts % 2 === 0 ? 'rst' : 'fin');
    }
  });
  kept(t, run, ['leases']);
});
