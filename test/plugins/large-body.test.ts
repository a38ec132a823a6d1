import t from 'tap';
import { build } from '../support/build.ts';

const WRITES = 5;

const tilesOf = (writer: number, count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${writer},${i}`, { brick: 'x'.repeat(40) }] as const),
  );

// Bodies of 1 MiB that arrived together were parsed, validated and planned in one turn of the event loop: 30 ms for each of them.
t.test('large bodies that come together are worked on one after the other', async (t) => {
  const turns = { validated: [] as number[], handled: [] as number[] };
  let turn = 0;
  const { inject } = await build(t, {
    register: (server) => {
      server.addHook('preValidation', async (request) => {
        if (request.method === 'PATCH') turns.validated.push(turn);
      });
      server.addHook('preHandler', async (request) => {
        if (request.method === 'PATCH') turns.handled.push(turn);
      });
    },
  });
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'wall' } });
  const patch = (writer: number, count: number) =>
    inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: tilesOf(writer, count) });
  const tick = () => {
    turn += 1;
    ticking = setImmediate(tick);
  };
  let ticking = setImmediate(tick);
  t.teardown(() => clearImmediate(ticking));

  for (const { status } of await Promise.all(Array.from({ length: WRITES }, (_, i) => patch(i, 700))))
    t.equal(status, 200);
  const all = [...turns.validated, ...turns.handled];
  t.equal(all.length, 2 * WRITES);
  t.equal(new Set(all).size, 2 * WRITES, `each in a turn of its own: ${all.join(' ')}`);

  turns.validated = [];
  turns.handled = [];
  await patch(0, 10);
  t.strictSame(turns.validated, turns.handled, 'a small one does not wait');
});
