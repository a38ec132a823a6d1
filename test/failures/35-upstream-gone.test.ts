// FAILURES 35. The only daemon behind a shipped proxy is away for a while. A native EventSource gives up for good on anything but 200
// and a stream, so that is what the proxy itself answers then: every reader is back by itself. With nginx's page 502, 200 of 200 were lost.
import t from 'tap';
import { freePort } from '../support/free-port.ts';
import { startNginx } from '../support/nginx.ts';
import { sentAway, survivesTheUpstream } from './upstream-gone.ts';

t.test('nginx', { timeout: 110_000 }, async (t) => {
  await survivesTheUpstream(
    t,
    async ({ port }) => (await startNginx(t, { upstreams: [port], site: 'http' })).url,
  );
});

t.test('nginx, below a path', async (t) => {
  const nobody = await freePort();
  const { url } = await startNginx(t, { upstreams: [nobody], site: 'subpath' });
  await sentAway(t, `${url}/compositord`);
});
