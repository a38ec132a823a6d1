import type { Test } from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { authText, tokenFor } from '../support/tokens.ts';
import type { Run } from './example.ts';

/** What every subscriber among the examples must do, in whatever language it is written. */
export async function subscribeScenario(t: Test, [command, ...first]: Run): Promise<void> {
  const start = (t: Test, ...args: string[]) => new Program(t, command, [...first, ...args]);

  await t.test('it prints the map, each change as it comes, and ends after --once', async (t) => {
    const { url } = await startDaemon(t);
    await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
    await send('PATCH', `${url}/compositors/wall/tiles`, {
      '0,0': { brick: 'плитка-🧱.png' },
      '1,0': { brick: 'b.png' },
    });
    const reader = start(t, '--url', url, '--once', '2');
    await reader.prints(/snapshot \(initial\): 1 compositors, 2 tiles\n(.*\n)*exact at revision 2: 2 tiles/);
    await send('PATCH', `${url}/compositors/wall/tiles`, { '3,-4': { brick: 'ü.rts.png' }, '1,0': null });
    await reader.prints(/ {2}3,-4: ü.rts.png/);
    await reader.prints(/ {2}1,0: gone/);
    await send('DELETE', `${url}/compositors/wall`);
    t.strictSame(await reader.exited, { code: 0, signal: null });
    t.match(reader.stdout, /wall: gone/);
    t.match(reader.stdout, /0,0: gone/);
    t.equal(reader.stderr, '', 'the digest agreed');
  });

  await t.test('after a restart of the daemon it goes on where it was', async (t) => {
    const daemon = await startDaemon(t, { env: { COMPOSITORD_STREAM_RETRY: '0.2' } });
    const { url, port, dir } = daemon;
    await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
    const reader = start(t, '--url', url, '--once', '2');
    await reader.prints(/exact at revision 1/);
    await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': { brick: 'before.png' } });
    await reader.prints(/before.png/);
    await daemon.stop();
    await reader.prints(/bye: /);
    await startDaemon(t, { port, dir });
    await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': { brick: 'after.png' } });
    await reader.prints(/after.png/, 30_000);
    t.strictSame(await reader.exited, { code: 0, signal: null });
    t.equal(reader.stdout.match(/snapshot/g)?.length, 1, 'resumed, not started anew');
  });

  await t.test('it sees the part of the plane that it asks for', async (t) => {
    const { url } = await startDaemon(t);
    await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
    const reader = start(t, '--url', url, '--view', '0,0,9,9', '--once', '1');
    await reader.prints(/exact at revision 1/);
    await send('PATCH', `${url}/compositors/wall/tiles`, { '10,0': { brick: 'outside.png' } });
    await send('PATCH', `${url}/compositors/wall/tiles`, { '9,9': { brick: 'inside.png' } });
    await reader.prints(/9,9: inside.png/);
    t.strictSame(await reader.exited, { code: 0, signal: null });
    t.notMatch(reader.stdout, /outside/);
  });

  await t.test('at a daemon that asks for a token', async (t) => {
    const eye = tokenFor('eye', ['read']);
    const { url } = await startDaemon(t, { env: { COMPOSITORD_AUTH: authText(eye) } });
    const refused = start(t, '--url', url);
    t.match(await refused.exited, { code: 1 });
    t.match(refused.stderr, /401/);
    const reader = new Program(t, command, [...first, '--url', url], {
      env: { COMPOSITORD_TOKEN: eye.token },
    });
    await reader.prints(/exact at revision 0/);
  });

  await t.test('a request that is wrong in itself is not repeated', async (t) => {
    const { url } = await startDaemon(t);
    const reader = start(t, '--url', url, '--view', 'nowhere');
    t.match(await reader.exited, { code: 1 });
    t.match(reader.stderr, /400.*view/s);
  });
}
