// FAILURES 10, for the WebSocket of today's InfiniteMap: a client that does not read gets 50,000 changes of 500 tiles. What waits for
// it stays small, others lose nothing, and when it reads again it ends up with the last of each tile.
import type { Socket } from 'node:net';
import t from 'tap';
import { build } from '../support/build.ts';
import { TileClient } from '../support/tile-client.ts';
import { writes } from '../support/world.ts';

const CELLS = 500;
const CHANGES = 50_000;
/** So long that not even the kernel's buffers hold all of it. */
const FILLER = '▚'.repeat(240);

const round = (n: number) =>
  Object.fromEntries(
    Array.from({ length: CELLS }, (_, i) => [`${i % 25},${Math.floor(i / 25)}`, `${n}.${FILLER}`]),
  );

t.test('a socket whose client does not read', async (t) => {
  const { app } = await build(t, { settings: { stream: { heartbeat: 300 } } });
  const waiting: Socket[] = [];
  app.server.server.on('connection', (socket: Socket) => waiting.push(socket));
  const url = `${(await app.listen()).replace('http', 'ws')}/manifest/socket`;
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  const stalled = await TileClient.open(t, url);
  stalled.socket.pause();
  const other = await TileClient.open(t, `${url}?view=0,0,0,0`);

  let most = 0;
  for (let n = 1; n <= CHANGES / CELLS; n++) {
    await app.publisher.patch('wall', writes(round(n)));
    await other.until(({ shown }) => shown['0,0']?.startsWith(`${n}.`) === true, `round ${n} at once`);
    most = Math.max(most, ...waiting.map((socket) => socket.writableLength));
  }
  t.ok(most < 2 ** 20, `${most} bytes waited for it`);

  const last = `${CHANGES / CELLS}.`;
  const right = () => Object.values(stalled.shown).filter((brick) => brick.startsWith(last)).length;
  stalled.socket.resume();
  // Looked at when the last of them may have come: to count after each message would be slower than the daemon.
  await stalled.until(
    ({ messages }) => String(messages.at(-1)?.['brick']).startsWith(last) && right() === CELLS,
    'the last of each tile',
  );
  t.ok(stalled.messages.length < CHANGES / 2, `it was sent ${stalled.messages.length} messages`);
});
