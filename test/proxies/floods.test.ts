// What went wrong: nobody had tried what the shipped proxies do with a flood. HAProxy refused it with a page of HTML that did not say when
// to come back.
import { get, type IncomingHttpHeaders } from 'node:http';
import t, { type Test } from 'tap';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { startNginx } from '../support/nginx.ts';
import { CADDY, HAPROXY, startProxy, withProxy } from './haproxy-or-caddy.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** As another machine asks: Linux lets a client of this machine have any address of 127/8. A stream is left after its first bytes. */
function ask(url: string, path: string, from: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = get(url + path, { localAddress: from, agent: false }, (reply) => {
      let text = '';
      const done = () => {
        resolve({ status: reply.statusCode!, headers: reply.headers, text });
        sent.destroy();
      };
      reply.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (path.endsWith('/stream')) done();
      });
      reply.on('end', done);
    });
    sent.on('error', reject);
  });
}

const FLOOD = '127.0.0.2';
const HONEST = ['127.0.0.3', '127.0.0.4'];

/** A flood from one address is limited, with what a client needs to know; others, and streams, are not. */
async function limits(t: Test, url: string, daemon: Daemon): Promise<void> {
  const flood = async () => Promise.all(Array.from({ length: 60 }, () => ask(url, '/manifest', FLOOD)));
  const replies = await flood();
  t.ok(
    replies.some(({ status }) => status === 200),
    'it begins as everyone does',
  );
  const refused = replies.filter(({ status }) => status !== 200);
  t.ok(refused.length > 20, `${refused.length} of ${replies.length} are refused`);
  const title = (await ask(daemon.url, '/problems/rate-limited', HONEST[0]!)).text;
  for (const { status, headers, text } of refused.slice(0, 3)) {
    t.equal(status, 429);
    t.match(headers['content-type'], /^application\/problem\+json/);
    t.match(headers['retry-after'], /^[1-9]\d?$/);
    const problem = JSON.parse(text) as { title: string };
    t.match(problem, { type: '/problems/rate-limited', status: 429 });
    t.match(title, problem.title, 'in the words of the daemon');
  }
  const [again, ...others] = await Promise.all([
    flood(),
    ...HONEST.flatMap((from) => Array.from({ length: 5 }, () => ask(url, '/manifest', from))),
  ]);
  t.ok(again.some(({ status }) => status === 429));
  for (const { status } of others) t.equal(status, 200, 'whoever asks as one does is served');
  for (const from of [FLOOD, ...HONEST])
    for (let i = 0; i < 5; i++) {
      const stream = await ask(url, '/manifest/stream', from);
      t.match(stream, { status: 200, text: /^(?::|retry|event)/ }, 'a stream is never refused');
    }
}

t.test('nginx', async (t) => {
  const daemon = await startDaemon(t, { args: ['--trust-proxy=127.0.0.1'] });
  const few = (_: string, text: string) =>
    text.replace('rate=5000r/s', 'rate=1r/s').replace('burst=50000', 'burst=10');
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: 'http', edit: few });
  await limits(t, nginx.url, daemon);
});

t.test('nginx, by requests at the same time', async (t) => {
  const daemon = await startDaemon(t, { args: ['--trust-proxy=127.0.0.1'] });
  const few = (_: string, text: string) =>
    text.replace('compositord_connections 10000', 'compositord_connections 2');
  const { url } = await startNginx(t, { upstreams: [daemon.port], site: 'http', edit: few });
  const { cursor } = JSON.parse((await ask(url, '/manifest', FLOOD)).text) as { cursor: string };
  const wait = (from: string) => ask(url, `/manifest/changes?since=${cursor}&wait=1`, from);
  const polls = await Promise.all([
    ...Array.from({ length: 6 }, () => wait(FLOOD)),
    ...HONEST.map((from) => wait(from)),
  ]);
  const statuses = polls.map(({ status }) => status);
  t.ok(statuses.slice(0, 6).filter((status) => status === 429).length >= 1);
  t.ok(statuses.slice(6).every((status) => status !== 429));
  const busy = [wait(FLOOD), wait(FLOOD)];
  t.equal((await ask(url, '/manifest/stream', FLOOD)).status, 200);
  await Promise.all(busy);
});

withProxy(t, HAPROXY, async (t) => {
  const daemon = await startDaemon(t, { args: ['--trust-proxy=127.0.0.1'] });
  const few = (text: string) => text.replace('gt 50000', 'gt 20');
  await limits(t, await startProxy(t, HAPROXY, [daemon.port, daemon.port], few), daemon);
});

// Caddy itself limits nobody: the daemon does, by the addresses that Caddy names.
withProxy(t, CADDY, async (t) => {
  const daemon = await startDaemon(t, { args: ['--trust-proxy=127.0.0.1', '--limits-requests=1'] });
  await limits(t, await startProxy(t, CADDY, [daemon.port, daemon.port]), daemon);
});
