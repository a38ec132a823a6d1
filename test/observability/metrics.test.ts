// What a scrape of a real daemon says, as Prometheus's own linter judges it.
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { promtool } from '../support/prometheus.ts';

for (const workers of ['1', '2'])
  t.test(`promtool finds nothing to say of the metrics, with workers: ${workers}`, async (t) => {
    const args = ['--log-level=warn', `--workers=${workers}`];
    const { url } = await startDaemon(t, { args });
    await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
    await send('PATCH', `${url}/compositors/wall/tiles`, { '1,1': { brick: 'a' } });
    await send('GET', `${url}/nowhere`);
    const { body } = await send('GET', `${url}/metrics`);
    const text = body as string;
    t.strictSame(promtool(['check', 'metrics'], { input: text }), { status: 0, said: '' });
    for (const name of [
      'process_open_fds ',
      'process_max_fds ',
      'process_resident_memory_bytes ',
      'nodejs_eventloop_lag_p99_seconds ',
      'compositord_store_bytes ',
      'compositord_stream_readers_limit ',
      'compositord_store_call_duration_seconds_bucket{le="+Inf",call="commit"} ',
      'compositord_problems_total{kind="not-found"} ',
    ])
      t.ok(text.includes(`\n${name}`), name);
    const broken = text.replaceAll('compositord_store_bytes', 'compositord_store_bytes_total');
    t.not(promtool(['check', 'metrics'], { input: broken }).status, 0, 'it would have said so');
  });
