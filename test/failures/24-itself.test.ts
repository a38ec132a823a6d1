// FAILURES 24 (hostile registration). What went wrong: only the port that the settings name for HTTP was known as the daemon's
// own. A compositor at the second place to listen, or at a port that was any free one, turned connected, and one camera_update
// went round between the daemon and itself for ever.
import t from 'tap';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from './eventually.ts';

t.test('wherever the daemon listens, no compositor is', async (t) => {
  const legacy = await freePort();
  const { app, inject } = await build(t, {
    settings: {
      listen: { host: '127.0.0.1', port: 0 },
      legacySocket: { host: '127.0.0.1', port: legacy },
      connect: { interval: 0.2, failures: 2 },
    },
  });
  const { port } = new URL(await app.listen());
  for (const [id, place] of Object.entries({
    legacy: { protocol: 'ws', port: legacy },
    http: { protocol: 'http', port: Number(port) },
  })) {
    const payload = { name: id, ttl: 3600, address: '127.0.0.1', ...place };
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload });
    const health = async () => (await inject(`/compositors/${id}/health`)).json;
    await eventually(async () => (await health()).state !== 'connecting', `${id} is looked at`);
    t.match(await health(), { state: 'disconnected', lastError: /is this daemon itself at that port$/ }, id);
  }
});
