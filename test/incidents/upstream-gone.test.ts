// All that nginx knows of has ended. Whoever reads only what is answered, only the log of nginx, only that of the daemon, or only the alerts
// can say so; a write that was answered 2xx is there afterwards.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { moreWrites, whileWriting, writers } from '../replicas/writer.ts';
import { Random } from '../simulation/random.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';
import { Alerts } from './alerts.ts';
import { linesOf } from './incident.ts';

t.test('the only replica behind nginx is gone, and comes back', { timeout: 240_000 }, async (t) => {
  let daemon = await startDaemon(t);
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: 'http' });
  const alerts = await Alerts.start(t, [daemon]);
  const all = await writers(() => [nginx.url], new Random(35));
  await whileWriting(all, [], async () => {
    await moreWrites(all, 10);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await daemon.stop(signal);
      try {
        await alerts.fire({ alertname: 'CompositordDown', instance: `127.0.0.1:${daemon.port}` });
        t.match(await send('GET', `${nginx.url}/health`), {
          status: 502,
          body: { type: 'about:blank', detail: /^no replica answered/ },
        });
        t.match(nginx.stderr, new RegExp(`Connection refused.*upstream: "http://127.0.0.1:${daemon.port}`));
        if (signal === 'SIGTERM')
          t.ok(
            linesOf(daemon).some(({ msg }) => /^the daemon stops/.test(String(msg))),
            'its own log says that it ended in order',
          );
      } finally {
        daemon = await startDaemon(t, { dir: daemon.dir, port: daemon.port });
      }
      await alerts.end('CompositordDown');
      await eventually(async () => (await send('GET', `${nginx.url}/health`)).status === 200, 'it is back');
      await moreWrites(all, 10);
    }
  });
  const { body } = await send('GET', `${nginx.url}/manifest`);
  for (const writer of all) writer.check(t, body);
});
