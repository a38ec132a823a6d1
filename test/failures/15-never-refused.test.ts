// FAILURES 15, the server's side. A native EventSource gives up for good on anything but 200. So overload, a store that is
// away and a daemon that has not loaded yet all answer a well-formed stream request with 200, `bye` and a well-formed end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { readOpening, type Opening } from './opening.ts';
import { HttpPublisher } from './publisher.ts';

/** 200, one `bye` with its reason and the time to come back, and the end of a well-formed response. */
async function isSentAway(t: Test, opening: Opening, reason: string, what: string): Promise<void> {
  t.equal(opening.stream.status, 200, what);
  t.match(opening.stream.headers['content-type'], /^text\/event-stream/, what);
  t.equal(opening.names, 'bye', what);
  t.equal(opening.reason, reason, what);
  t.ok((opening.events[0]?.retry ?? 0) >= 50, `${what}: says when to come back`);
  t.equal(await opening.next(), undefined);
  t.equal(opening.stream.ending, 'end', `${what}: a well-formed end`);
}

t.test('overload', async (t) => {
  const { app } = await build(t, { settings: { stream: { maxReaders: 3, retry: 0.1 } } });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const inside = Array.from({ length: 3 }, () => new ConformanceClient({ url }));
  for (const reader of inside) {
    t.teardown(() => reader.disconnect());
    reader.connect();
    await reader.untilCursor(wall.cursor);
  }
  for (const id of [undefined, wall.cursor, 'garbage', `${wall.cursor}~`])
    await isSentAway(
      t,
      await readOpening(t, `${url}/manifest/stream`, id),
      'overloaded',
      `with ${id ?? 'no id'}`,
    );
  const views = ['view=0,0,9,9', 'compositor=wall', 'view=0,0,1,1&compositor=nobody'];
  for (const query of views)
    await isSentAway(t, await readOpening(t, `${url}/manifest/stream?${query}`), 'overloaded', query);

  const waiting = new ConformanceClient({ url });
  t.teardown(() => waiting.disconnect());
  waiting.connect();
  await waiting.until(({ counts }) => counts.byes >= 2, 30_000, 'being sent away twice');
  await inside[0]!.disconnect();
  await waiting.untilCursor(await wall.patch({ '0,0': { brick: 'b' } }));
  t.strictSame(waiting.copy.violations, []);
  for (const reader of inside.slice(1))
    t.strictSame([reader.copy.violations, reader.counts.connections], [[], 1]);
});

t.test('a store that goes away', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const reader = new ConformanceClient({ url });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursor);
  await app.store.close();
  await reader.until(({ copy }) => copy.degraded, 30_000, 'that the store is away');

  const stream = `${url}/manifest/stream`;
  for (const unknown of ['999-00000000', '1-00000000', `999-00000000~`])
    await isSentAway(t, await readOpening(t, stream, unknown), 'store-unavailable', unknown);
  for (const [id, names] of [
    [undefined, 'snapshot synced'],
    [wall.cursor, 'synced'],
    ['garbage', 'snapshot synced'],
  ]) {
    const opening = await readOpening(t, stream, id);
    t.equal(opening.names, names, `${id ?? 'no id'}: the last known good`);
    t.match(JSON.parse(opening.events.at(-1)!.data), { degraded: true });
  }
  t.equal((await send('GET', `${url}/health/live`)).status, 200);
  t.equal((await send('GET', `${url}/health/ready`)).status, 503);
  t.strictSame([reader.copy.violations, reader.counts.connections], [[], 1], 'who was there was not cut off');
});

t.test('a store that was never there', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'compositord-test-'));
  t.teardown(() => rm(path, { recursive: true }));
  const store = await EmbeddedStore.open({ path, clock: new SystemClock() });
  await store.close();
  const { app } = await build(t, { store });
  const url = await app.listen();
  for (const id of [undefined, '5-00000000', 'garbage'])
    await isSentAway(
      t,
      await readOpening(t, `${url}/manifest/stream`, id),
      'store-unavailable',
      id ?? 'no id',
    );
  t.equal((await send('GET', `${url}/manifest`)).status, 503);
});

t.test('only what is malformed is refused', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  for (const query of [
    'view=1,2,3',
    'view=0,0,1,1.5',
    'compositor=A',
    'unknown=1',
    'view=0,0,1,1&view=0,0,1,1',
  ]) {
    const { status, body } = await send('GET', `${url}/manifest/stream?${query}`);
    t.equal(status, 400, query);
    t.equal(body.errors.length > 0, true, `${query}: names the field`);
  }
  t.equal((await send('POST', `${url}/manifest/stream`, {})).status, 405);
  const head = await send('HEAD', `${url}/manifest/stream`);
  t.equal(head.status, 200);
  t.match(head.headers.get('content-type'), /^text\/event-stream/);
  t.equal(app.feed.readers, 0, 'and nobody is left behind');
});
