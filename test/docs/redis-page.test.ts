// The three commands of docs/redis.md, each in a terminal of its own: two daemons on one Redis.
import t from 'tap';
import { MAIN, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { commandsOf, page } from './pages.ts';

const path = 'docs/redis.md';

t.test(path, async (t) => {
  const [redisPort, one, two] = [await freePort(), await freePort(), await freePort()];
  const lines = commandsOf({ path, text: page(path) })[0]!
    .text.trim()
    .replaceAll('6379', `${redisPort}`)
    .replaceAll('8760', `${one}`)
    .replaceAll('8761', `${two}`)
    .split('\n');
  t.equal(lines.length, 3);
  const start = async (line: string, env = {}) =>
    new Program(t, 'sh', ['-c', line], { cwd: await temporaryFolder(t), env });
  const redis = await start(`exec ${lines[0]} --port ${redisPort}`);
  await redis.prints(/Ready to accept connections/);
  for (const line of lines.slice(1)) {
    const daemon = await start(line.replace('compositord', 'exec "$NODE" "$MAIN"'), {
      NODE: process.execPath,
      MAIN,
    });
    await daemon.prints(/The map: /);
  }
  const { body } = await send('PUT', `http://127.0.0.1:${one}/compositors/wall`, { name: 'Wall' });
  const read = await send('GET', `http://127.0.0.1:${two}/manifest?atLeast=${body.cursor}`);
  t.match(read.body.compositors, { wall: { name: 'Wall' } }, 'one manifest');
});
