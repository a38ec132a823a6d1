import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import t from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { ended, forkChild } from './child.ts';

const CONNECTIONS = 200;
const clock = new SystemClock();

t.test('it tells the time, and a time that never goes back', async (t) => {
  t.ok(Math.abs(clock.now() - Date.now()) < 1000);
  const before = clock.monotonic();
  t.ok(clock.monotonic() >= before);
});

t.test('it waits at least as long as asked, and runs in order', async (t) => {
  const start = clock.monotonic();
  const order: string[] = [];
  // The clock's own timers do not keep the process: this one stands for the rest of a daemon.
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => {
    clock.after(30, () => {
      order.push('later');
      resolve();
    });
    clock.after(-5, () => order.push('at once'));
    clock.soon(() => order.push('soon'));
  });
  clearInterval(alive);
  t.same(order.sort(), ['at once', 'later', 'soon']);
  t.ok(clock.monotonic() - start >= 29);
});

t.test('a wait that was cancelled, or is longer than a timer can hold, does not run', async (t) => {
  let runs = 0;
  const run = () => {
    runs += 1;
  };
  clock.after(1, run)();
  const cancel = clock.after(2 ** 40, run);
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => clock.after(20, resolve));
  clearInterval(alive);
  cancel();
  t.equal(runs, 0);
});

t.test('a wait does not keep the process', async (t) => {
  t.equal(await ended(forkChild(t, 'waiting-child.ts')), 0);
});

// Node accepts one connection in a turn of the event loop. While long work took a slice of each turn, connections that came
// together waited for seconds, lease renewals among them; requests on older connections did not.
t.test('what is due soon waits while connections come, but not for ever', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  let slices = 0;
  let working = true;
  const slice = () => {
    slices += 1;
    if (working) clock.soon(slice);
  };
  let accepted = 0;
  const all = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      t.teardown(() => socket.destroy());
      accepted += 1;
      if (accepted === 1) clock.soon(slice);
      if (accepted === CONNECTIONS) resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  for (let i = 0; i < CONNECTIONS; i++) {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
  }
  await all;
  working = false;
  t.ok(slices < CONNECTIONS / 4, `${slices} slices`);
  t.ok(slices > 2, 'and the work goes on');
});
