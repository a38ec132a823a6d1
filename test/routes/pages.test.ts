import t from 'tap';
import { build } from '../support/build.ts';

// Sixteen connections that asked for pages as fast as they came were all answered in the same turn of the event loop, and
// everybody else waited for all of their pages.
for (const path of ['/compositors', '/manifest/history', '/metrics'])
  t.test(`${path}: a turn of the event loop makes one answer`, async (t) => {
    let turn = 0;
    const turns: number[] = [];
    const { inject } = await build(t, {
      register: (server) => {
        server.addHook('onSend', async () => void turns.push(turn));
      },
    });
    await inject(path);
    turns.length = 0;
    const tick = () => {
      turn += 1;
      ticking = setImmediate(tick);
    };
    let ticking = setImmediate(tick);
    t.teardown(() => clearImmediate(ticking));
    for (const { status } of await Promise.all(Array.from({ length: 8 }, () => inject(path))))
      t.equal(status, 200);
    t.equal(new Set(turns).size, 8, turns.join(' '));
  });
