// FAILURES 35, behind the example for HAProxy, where that program is on the machine.
import t from 'tap';
import { HAPROXY, startProxy, withProxy } from '../proxies/haproxy-or-caddy.ts';
import { survivesTheUpstream } from './upstream-gone.ts';

withProxy(t, HAPROXY, async (t) => {
  t.setTimeout(110_000);
  await survivesTheUpstream(t, ({ port }) => startProxy(t, HAPROXY, [port, port]));
});
