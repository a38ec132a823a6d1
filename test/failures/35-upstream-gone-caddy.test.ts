// FAILURES 35, behind the example for Caddy, where that program is on the machine.
import t from 'tap';
import { CADDY, startProxy, withProxy } from '../proxies/haproxy-or-caddy.ts';
import { survivesTheUpstream } from './upstream-gone.ts';

withProxy(t, CADDY, async (t) => {
  t.setTimeout(110_000);
  await survivesTheUpstream(t, ({ port }) => startProxy(t, CADDY, [port, port]));
});
