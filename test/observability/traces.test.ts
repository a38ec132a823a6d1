// Traces and metrics of a real daemon, sent to a collector.
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { eventually } from '../failures/eventually.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SENDER = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${SENDER}-01`;

async function traced(t: Tap, ...args: string[]) {
  const receiver = await OtlpReceiver.start(t);
  const daemon = await startDaemon(t, {
    args: [`--telemetry-endpoint=${receiver.url}`, '--telemetry-interval=1', ...args],
  });
  const found = (name: string, traceId?: string): ReceivedSpan | undefined =>
    receiver.spans.find((span) => span.name === name && (traceId === undefined || span.traceId === traceId));
  const arrived = async (name: string, traceId?: string) => {
    await eventually(() => found(name, traceId) !== undefined, `the span ${name}`);
    return found(name, traceId)!;
  };
  return { receiver, daemon, arrived };
}
type Tap = Parameters<typeof OtlpReceiver.start>[0];

t.test('a write is followed from its sender to the store and to readers', async (t) => {
  const { receiver, daemon, arrived } = await traced(t, '--log-level=debug');
  const { url } = daemon;
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  const reader = new ConformanceClient({ url });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy: { exact } }) => exact);
  const tiles = { '1,1': { brick: 'a' } };
  const { body } = await send('PATCH', `${url}/compositors/wall/tiles`, tiles, { traceparent });
  await reader.untilCursor((body as { cursor: string }).cursor);

  const request = await arrived('PATCH /compositors/:id/tiles', TRACE);
  t.match(request, {
    parentSpanId: SENDER,
    facts: {
      'service.name': 'compositord',
      'http.request.method': 'PATCH',
      'http.route': '/compositors/:id/tiles',
    },
  });
  const commit = await arrived('commit', TRACE);
  t.equal(
    commit.parentSpanId,
    request.spanId,
    'the commit is within the request, also after its body was read',
  );
  await eventually(
    () =>
      receiver.spans.some(
        ({ name, links = [] }) =>
          name === 'commit batch' && links.some(({ spanId }) => spanId === commit.spanId),
      ),
    'the batch names the commits that it holds',
  );
  const batch = receiver.spans.find(
    ({ name, links = [] }) => name === 'commit batch' && links.some(({ spanId }) => spanId === commit.spanId),
  )!;
  t.not(batch.traceId, TRACE, 'and is within none of them');
  await arrived('store commit', batch.traceId);
  t.equal((await arrived('store commit', batch.traceId)).parentSpanId, batch.spanId);
  await eventually(
    () =>
      receiver.spans.some(
        ({ name, links = [] }) =>
          name === 'feed rounds' && links.some(({ spanId }) => spanId === batch.spanId),
      ),
    'the rounds that bring it to readers name the batch',
  );
  t.notOk(
    receiver.spans.some(({ name }) => name === 'GET /manifest/stream'),
    'a stream, which lasts, is none',
  );

  const line = daemon.stderr.split('\n').find((each) => each.includes(`"traceId":"${TRACE}"`));
  t.match(JSON.parse(line!), { method: 'PATCH', traceId: TRACE }, 'its line of the log names the trace');

  const metrics = () =>
    receiver.metrics.get('compositord_manifest_tiles') as
      { gauge: { dataPoints: { asDouble: number }[] } } | undefined;
  await eventually(() => metrics()?.gauge.dataPoints[0]?.asDouble === 1, 'the metrics arrive, too');
  t.match(receiver.metrics.get('compositord_manifest_commits_total'), { sum: { isMonotonic: true } });
  t.match(receiver.metrics.get('compositord_store_call_duration_seconds'), {
    histogram: { dataPoints: [{ explicitBounds: [0.0005], bucketCounts: {} }] },
  });
});

t.test('a command takes its trace to the compositor; one that fails is a span that failed', async (t) => {
  const { daemon, arrived } = await traced(t);
  const { url } = daemon;
  const peer = await HttpPeer.start(t);
  const { protocol, address, port } = peer.target;
  await send('PUT', `${url}/compositors/peer`, { name: 'Peer', protocol, address, port, ttl: 3600 });
  await eventually(
    async () =>
      ((await send('GET', `${url}/compositors/peer`)).body as { status: string }).status === 'connected',
    'it is connected',
  );
  await send('POST', `${url}/compositors/peer/commands`, { command: 'zoom' }, { traceparent });
  const command = await arrived('connector command', TRACE);
  t.match(command.facts, { 'compositor.id': 'peer', 'compositor.command': 'zoom' });
  const arrivedThere = peer.requests.find(({ url: path }) => path === '/commands')!;
  t.equal(arrivedThere.headers['traceparent'], `00-${TRACE}-${command.spanId}-01`);
  peer.onCommand = () => {
    throw new Error('no');
  };
  const other = TRACE.replace('0af', '1af');
  await send(
    'POST',
    `${url}/compositors/peer/commands`,
    { command: 'zoom' },
    { traceparent: traceparent.replace('0af', '1af') },
  );
  t.equal((await arrived('connector command', other)).status, 2);
});

t.test('a collector that hangs or is away keeps nobody waiting, and the daemon ends in time', async (t) => {
  const { receiver, daemon } = await traced(t);
  receiver.hangs = true;
  const { url } = daemon;
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  await eventually(() => receiver.requests > 0, 'it was sent something');
  for (let i = 0; i < 200; i++)
    t.equal(
      (await send('PATCH', `${url}/compositors/wall/tiles`, { '1,1': { brick: `b${i}` } })).status,
      200,
    );
  t.match(await daemon.stop(), { code: 0, signal: null });
});

t.test('a request that was not sampled by its sender is not sent', async (t) => {
  const { receiver, daemon, arrived } = await traced(t, '--telemetry-sample=0');
  const { url } = daemon;
  await send('GET', `${url}/manifest`, undefined, { traceparent: traceparent.replace(/1$/, '0') });
  await send('GET', `${url}/manifest`);
  await send('GET', `${url}/compositors`, undefined, { traceparent });
  await arrived('GET /compositors', TRACE);
  t.strictSame(
    receiver.spans.map(({ name }) => name),
    ['GET /compositors'],
  );
});
