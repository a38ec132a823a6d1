// A daemon is killed while a link is open and written to: nothing that was answered is lost, and nothing that was not is forgotten.
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { published } from './publishing.ts';

t.test('what a link has answered outlives a kill; the rest is written when the daemon is back', async (t) => {
  let daemon = await startDaemon(t);
  const wall = published(t, daemon.url);
  const durable = new Map<string, string>();
  let n = 0;
  let ended = false;
  const write = async () => {
    while (!ended) {
      const key = `${(n += 1) % 500},0`;
      const brick = `b${n}`;
      await wall.tiles({ [key]: { brick } });
      durable.set(key, brick);
    }
  };
  const writers = Array.from({ length: 20 }, write);
  for (let restarts = 0; restarts < 2; restarts++) {
    while (durable.size < 200) await wall.tiles({ '0,1': { brick: 'x' } });
    await daemon.stop('SIGKILL');
    const answered = new Map(durable);
    durable.clear();
    daemon = await startDaemon(t, { port: daemon.port, dir: daemon.dir });
    const { body } = await send('GET', `${daemon.url}/compositors/wall/tiles`);
    for (const [key, brick] of answered) {
      // A later write of the same cell may have been taken, and its answer lost.
      const now = Number(body[key]?.brick.slice(1));
      if (!(now >= Number(brick.slice(1)))) t.fail(`${key} is ${now}, was ${brick}`);
    }
    t.ok(answered.size > 0);
  }
  ended = true;
  await Promise.all(writers);
  const { body } = await send('GET', `${daemon.url}/compositors/wall/tiles`);
  for (const [key, brick] of durable) t.ok(Number(body[key].brick.slice(1)) >= Number(brick.slice(1)), key);
});
