// FAILURES 3. Cursors from the future, and garbage: in `Last-Event-ID` and in `?since=`, far beyond the head, negative,
// 2^53 + 1, `e1:abc`, 1 MB long, `0`. The answer is a snapshot, or a 4xx once; live events still flow; nothing crashes.
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { viewHash } from '../../src/domain/view.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { readOpening } from './opening.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const VIEW = '-8,-8,8,8';
const hash = viewHash({ rect: { x1: -8, y1: -8, x2: 8, y2: 8 } });

/** Ids that are in no history of this server; each is sent in the header and in the query. */
const garbage = (head: string, nonce: string): Record<string, string> => ({
  'a revision': '0',
  'a negative revision': '-5',
  'a negative cursor': `-5-${nonce}`,
  'beyond the head': '999-00000000',
  'far beyond the head': `9007199254740991-${nonce}`,
  '2^53 + 1': `9007199254740993-${nonce}`,
  'more digits than a number has': `${'9'.repeat(30)}-${nonce}`,
  'another epoch': 'e1:abc',
  'a wrong nonce': head.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
  'no nonce': `${head.split('-')[0]}-`,
  'a long nonce': `${head}00`,
  'leading zeros': `00${head}`,
  'capital letters': head.replace(nonce, 'ABCDEF01'),
  'another history at 0': '0-12345678',
  'only the mark of a partial map': '~',
  'only the mark of a view': '@',
  'two marks': `${head}~~`,
  'a view after the end': `${head}@${hash}@${hash}`,
  __proto__: '__proto__',
  'a traversal': '../../etc/passwd',
  'a field of the protocol': 'data: x',
  'spaces inside': `${head.split('-')[0]} -${nonce}`,
  '10,000 characters': 'x'.repeat(10_000),
});

onBothStores('garbage leads to a snapshot, and live events flow on', { timeout: 60_000 }, async (t, on) => {
  const daemon = await startDaemon(t, on);
  const stream = `${daemon.url}/manifest/stream`;
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  await wall.patch({ '1,1': { brick: 'one' }, '900,900': { brick: 'far' } });
  const healthy = new ConformanceClient({ url: daemon.url, reconnect: false });
  t.teardown(() => healthy.disconnect());
  healthy.connect();
  await healthy.untilCursor(wall.cursor);

  const head = wall.cursor;
  const ids = Object.entries(garbage(head, head.split('-')[1]!));
  const openings = await Promise.all(
    ids.flatMap(([what, id]) => [
      readOpening(t, stream, id).then((opening) => ({ what: `Last-Event-ID: ${what}`, opening })),
      readOpening(t, `${stream}?since=${encodeURIComponent(id)}`).then((opening) => ({
        what: `since: ${what}`,
        opening,
      })),
    ]),
  );
  for (const { what, opening } of openings) {
    t.equal(opening.stream.status, 200, what);
    t.equal(opening.names, 'snapshot synced', what);
    t.equal(opening.reason, 'reset', what);
    t.equal(opening.id, head, what);
  }

  const odd: [string, string][] = [
    ['another view than the one of the id', `${head}@00000000`],
    ['the id of the whole map on a view', head],
    ['a partial map', `${head}~@${hash}`],
    ['half of another view', `${head}~`],
  ];
  for (const [what, id] of odd) {
    const opening = await readOpening(t, `${stream}?view=${VIEW}`, id);
    t.equal(opening.names, 'snapshot synced', what);
    t.equal(opening.id, `${head}@${hash}`, what);
    t.equal(opening.tiles.size, 1, what);
    openings.push({ what, opening });
  }
  const unicode = await readOpening(t, `${stream}?since=${encodeURIComponent('\0 \u2028 💥 \ud7ff')}`);
  t.equal(unicode.reason, 'reset', 'NUL and unicode');
  openings.push({ what: 'NUL and unicode', opening: unicode });
  const beats = await readOpening(t, `${stream}?since=garbage`, head);
  t.equal(beats.names, 'synced', 'the header beats `since`');
  openings.push({ what: 'the header beats since', opening: beats });

  const next = await wall.patch({ '1,1': { brick: 'two' } });
  for (const { what, opening } of openings) {
    const event = await opening.next();
    t.equal(event?.event, 'patch', `${what}: live`);
    t.equal(event?.id?.split('@')[0], next, what);
  }
  await healthy.untilCursor(next);
  await sameAsManifest(t, healthy, daemon.url);
  t.equal(healthy.counts.connections, 1, 'the others never noticed');
});

onBothStores('what is no HTTP, or too long for it, is refused once', { timeout: 60_000 }, async (t, on) => {
  const daemon = await startDaemon(t, on);
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  const healthy = new ConformanceClient({ url: daemon.url, reconnect: false });
  t.teardown(() => healthy.disconnect());
  healthy.connect();
  await healthy.untilCursor(wall.cursor);

  const megabyte = 'x'.repeat(2 ** 20);
  const long = await refusal(`${daemon.url}/manifest/stream`, { 'Last-Event-ID': megabyte });
  t.equal(long.status, 431, '1 MB of Last-Event-ID');
  t.equal(long.type, '/problems/too-large');
  const longQuery = await refusal(`${daemon.url}/manifest/stream?since=${megabyte}`, {});
  t.equal(longQuery.status, 431, '1 MB of since');
  for (const bytes of ['\0', 'a\0b', '1\r2', '\x01']) {
    const answer = await raw(
      daemon.port,
      `GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${bytes}\r\n\r\n`,
    );
    t.match(answer, /^HTTP\/1.1 400 /, JSON.stringify(bytes));
    t.match(answer, '/problems/invalid-request');
  }
  t.equal((await send('GET', `${daemon.url}/manifest/stream?since=1&since=2`)).status, 400, 'twice');
  for (const since of ['', '-1', '9007199254740993-00000000', 'e1:abc', 'x'.repeat(10_000), '%00', '💥'])
    t.equal(
      (await send('GET', `${daemon.url}/manifest/changes?since=${since}`)).status,
      400,
      since.slice(0, 40),
    );

  await healthy.untilCursor(await wall.patch({ '0,0': { brick: 'after' } }));
  t.strictSame(healthy.copy.violations, []);
  t.equal((await send('GET', `${daemon.url}/health`)).body.readers, 1, 'only the healthy reader is left');
});

/** The answer to a request that may be refused before it was sent to its end. */
async function refusal(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; type: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { headers, agent: false }, (got) => {
      // The server hung up on the rest of the request: what it said first counts.
      got.on('error', () => undefined);
      resolve(got);
    });
    sent.on('error', reject);
    sent.end();
  });
  const { type } = JSON.parse(await text(response)) as { type: string };
  return { status: response.statusCode ?? 0, type };
}

async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return text(socket);
}
