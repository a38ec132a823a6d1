// FAILURES 26. One packet of 63 KiB with 878 GETs of a map of 20,000 tiles, whose answers nobody reads: each was encoded and
// kept, 2 MB a request, which ended a daemon of 512 MiB. At most a few are worked on, and the others wait for nothing.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPublisher } from './publisher.ts';

const TILES = 20_000;
/** Mebibytes that the process may have in memory. */
const MEMORY = 512;
const ATTACKS = [
  '/manifest?view=-99999,-99999,99999,99999',
  '/manifest',
  '/manifest/tiles',
  '/compositors/wall/tiles',
  '/openapi.json',
  '/docs/static/swagger-ui-bundle.js',
];

t.test('one packet, many requests, no reader', { timeout: 120_000 }, async (t) => {
  const { url, port, pid } = await startDaemon(t, { env: { NODE_OPTIONS: '--max-old-space-size=256' } });
  const wall = await HttpPublisher.join(url, 'wall');
  for (let from = 0; from < TILES; from += 5000)
    await wall.patch(
      Object.fromEntries(
        Array.from({ length: 5000 }, (_, i) => [
          `${(from + i) % 1000},${Math.floor((from + i) / 1000)}`,
          { brick: `brick-${from + i}-abcdefghijklmnop.rts.png` },
        ]),
      ),
    );
  for (const path of ATTACKS) {
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(request.repeat(Math.floor(65_000 / request.length)));
    let worst = 0;
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      t.equal((await send('GET', `${url}/health/live`)).status, 200);
      worst = Math.max(worst, performance.now() - began);
    }
    t.ok(worst < 2000, `${path}: others waited at most ${Math.round(worst)} ms`);
    const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
    t.ok(memory < MEMORY, `${Math.round(memory)} MiB of memory`);
    socket.destroy();
  }
});
