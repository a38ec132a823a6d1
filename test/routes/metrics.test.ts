import t from 'tap';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';

/** The samples of a text of Prometheus, by name and labels as they stand there. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

t.test('what happens is counted', async (t) => {
  const { app, inject } = await build(t);
  const url = await app.listen();
  const look = async () => samplesOf((await inject('/metrics')).text);
  const before = await look();
  t.equal(before.get('compositord_store_up'), 1);
  t.equal(before.get('compositord_manifest_commits_total'), 0);

  const reader = new ConformanceClient({ url, reconnect: false });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy: { exact } }) => exact);
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  const { json } = await inject({
    method: 'PATCH',
    url: '/compositors/wall/tiles',
    payload: { '1,1': { brick: 'a' }, '2,2': { brick: 'b' } },
  });
  await reader.untilCursor(json.cursor);
  await inject('/compositors/none');
  await inject('/compositors/none/tiles');

  const after = await look();
  for (const [name, value] of [
    ['manifest_revision', 2],
    ['manifest_commits_total', 2],
    ['manifest_tiles', 2],
    ['manifest_compositors{status="registered"}', 1],
    ['manifest_compositors{status="stale"}', 0],
    ['stream_readers', 1],
    ['stream_snapshots_total{reason="initial"}', 1],
    ['stream_snapshots_total{reason="gap"}', 0],
    ['lease_ends_total{how="stale"}', 0],
    ['stream_delay_seconds_count', 2],
    ['stream_readers_limit', 15000],
    ['problems_total{kind="not-found"}', 2],
    ['problems_total{kind="store-unavailable"}', 0],
    ['store_call_duration_seconds_count{call="commit"}', 2],
    ['store_call_failures_total{call="commit"}', 0],
    ['config_current', 1],
    ['http_requests_total{method="PATCH",route="/compositors/:id/tiles",status="200"}', 1],
    ['http_requests_total{method="GET",route="/compositors/:id",status="404"}', 1],
    ['http_request_duration_seconds_count{method="PATCH",route="/compositors/:id/tiles"}', 1],
    ['http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/compositors/:id"}', 1],
  ] as const)
    t.equal(after.get(`compositord_${name}`), value, name);
  t.ok(after.get('compositord_stream_frames_total')! >= 4, 'snapshot, synced, two patches');
  t.ok(after.get('compositord_stream_bytes_total')! > 500);
  t.ok(after.get('process_resident_memory_bytes')! > 1e6);

  app.feed.stop('shutdown');
  t.equal((await look()).get('compositord_stream_dismissed_total{reason="shutdown"}'), 1);
});

t.test('nothing from outside becomes a label', async (t) => {
  const { inject } = await build(t);
  const odd = 'x"} 1\ncompositord_forged{a="';
  for (let i = 0; i < 50; i++) {
    await inject({ url: `/nowhere/${i}/${encodeURIComponent(odd)}` });
    await inject({ url: `/compositors/id-${i}` });
    await inject({ method: 'PUT', url: `/compositors/id-${i}`, payload: { name: odd.replace('\n', ' ') } });
    await inject({ url: `/manifest?view=${i}`, headers: { 'user-agent': odd, host: '127.0.0.1' } });
    // The types of inject do not know this method.
    await inject({ method: 'PROPFIND' as 'GET', url: `/manifest/${i}` });
  }
  const { text } = await inject('/metrics');
  t.notMatch(text, /forged|id-\d|nowhere/);
  const samples = samplesOf(text);
  t.ok(samples.size < 400, `${samples.size} samples after 250 different requests`);
  t.equal(samples.get('compositord_http_requests_total{method="GET",route="none",status="404"}'), 50);
});

t.test('who was refused for lack of a right is counted, by reason', async (t) => {
  const reader = tokenFor('eye', ['read']);
  const writer = tokenFor('wall', ['read', 'write'], ['wall']);
  const { inject } = await build(t, { settings: { auth: [reader.entry, writer.entry] } });
  const wrong = { authorization: 'Bearer cmp_wrong' };
  await inject('/manifest');
  await inject({ url: '/manifest', headers: wrong });
  await inject({ method: 'POST', url: '/session', payload: { token: 'cmp_wrong' } });
  const put = { method: 'PUT', url: '/compositors/desk', payload: { name: 'Desk' } } as const;
  await inject({ ...put, headers: reader.headers });
  await inject({ ...put, headers: writer.headers });
  for (let guess = 0; guess < 30; guess++)
    await inject({ method: 'POST', url: '/session', payload: { token: `cmp_${guess}` } });
  const samples = samplesOf((await inject({ url: '/metrics', headers: reader.headers })).text);
  for (const [name, value] of [
    ['auth_failures_total{reason="no-token"}', 1],
    ['auth_failures_total{reason="unknown-token"}', 31],
    ['auth_failures_total{reason="missing-scope"}', 1],
    ['auth_failures_total{reason="other-compositor"}', 1],
    ['limited_total{limit="guesses"}', 1],
  ] as const)
    t.equal(samples.get(`compositord_${name}`), value, name);
});

t.test('it is one text of Prometheus, for whoever may read', async (t) => {
  const scraper = tokenFor('prometheus', ['read']);
  const { inject } = await build(t, { settings: { auth: [scraper.entry], basePath: '/maps' } });
  t.match(await inject('/maps/metrics'), { status: 401 });
  const reply = await inject({ url: '/maps/metrics', headers: scraper.headers });
  t.match(reply, { status: 200, headers: { 'content-type': /^text\/plain; version=0\.0\.4/ } });
  for (const line of reply.text.trimEnd().split('\n'))
    t.match(
      line,
      /^(?:# (?:HELP|TYPE) (?:compositord|nodejs|process)_\S+ .+|(?:compositord|nodejs|process)_[a-z\d_]+(?:\{[^{}]*\})? (?:NaN|[-+.\de]+)|)$/,
    );
  // As `promtool check metrics` says.
  const gauges = reply.text.match(/^# TYPE \S+ gauge$/gm)!;
  t.strictSame(
    gauges.filter((line) => /_(?:total|sum|count|bucket) gauge$/.test(line)),
    [],
  );
  const again = await build(t, {});
  t.match(
    await again.inject('/metrics'),
    { status: 200 },
    'a second daemon in one process counts for itself',
  );
});
