import { once } from 'node:events';
import { WebSocket } from 'ws';
import { quantile, written } from './measure.mjs';

/** Milliseconds in which another viewer is to see a camera, in 95 of 100 cases. */
const BOUND = 50;
/** Milliseconds between two cameras of one browser: the rate of a screen, and of a hand that drags. */
const FAST = 1000 / 60;
const SLOW = 50;
const SECONDS = 5;

/** Browsers at two replicas on one Redis, each of which sees the cameras of all others. */
export async function relay(lab) {
  // Made by `npm test`.
  const { startRedis } = await import('../dist-test/support/redis-server.js');
  const redis = await startRedis(lab);
  const daemons = [];
  for (let i = 0; i < 2; i++) daemons.push(await lab.daemon([], lab.folder(), redis.url));
  return [
    await row(daemons, 'a camera at 60 Hz, of two browsers at two replicas, at the other', 2, FAST),
    await row(daemons, 'a camera at 20 Hz, of 50 browsers at two replicas, at all others', 50, SLOW),
  ];
}

async function row(daemons, what, count, interval) {
  const browsers = await Promise.all(
    Array.from({ length: count }, (_, i) => openAt(daemons[i % daemons.length], i)),
  );
  await moveAll(browsers, interval, 1);
  for (const { delays } of browsers) delays.length = 0;
  const sent = await moveAll(browsers, interval, SECONDS);
  const delays = browsers.flatMap((browser) => browser.delays);
  for (const { socket } of browsers) socket.terminate();
  const p95 = quantile(delays, 0.95);
  return {
    what: `${what}, p95`,
    ours: written(p95, 'ms'),
    other: `${BOUND} ms`,
    beside: 'allowed',
    ratio: p95 / BOUND,
    target: 1,
    atMost: true,
    note: `p50 ${quantile(delays, 0.5).toFixed(1)}, p99 ${quantile(delays, 0.99).toFixed(1)} ms; ${((100 * delays.length) / (sent * (count - 1))).toFixed(1)} % arrived`,
  };
}

async function openAt({ port }, who) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/manifest/socket`, { perMessageDeflate: false });
  const delays = [];
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    // All browsers live in this process, and share its clock.
    if (message.type === 'camera_update') delays.push(performance.now() - message.sentAt);
  });
  await once(socket, 'open');
  return { socket, delays, who };
}

/** Every browser moves for so many seconds; returns how many cameras were sent. */
async function moveAll(browsers, interval, seconds) {
  let sent = 0;
  const end = performance.now() + seconds * 1000;
  const timers = browsers.map(({ socket, who }) => {
    const move = () => {
      sent += 1;
      socket.send(
        JSON.stringify({
          type: 'camera_update',
          who,
          x: sent,
          y: -4.5,
          zoom: 0.5,
          sentAt: performance.now(),
        }),
      );
    };
    return setInterval(move, interval);
  });
  while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const timer of timers) clearInterval(timer);
  // What is under way arrives.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return sent;
}
