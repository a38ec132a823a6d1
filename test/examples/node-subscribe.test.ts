// examples/node-subscribe.mjs does what a reader has to, without a package.
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { authText, tokenFor } from '../support/tokens.ts';
import { example } from './example.ts';

const start = (t: Parameters<typeof startDaemon>[0], args: string[], env = {}) =>
  new Program(t, process.execPath, [example('node-subscribe.mjs'), ...args], { env });

t.test(
  'it prints its part of the map, each change, and goes on after a restart',
  { timeout: 200_000 },
  async (t) => {
    const daemon = await startDaemon(t, { env: { COMPOSITORD_STREAM_RETRY: '0.2' } });
    const { url, port, dir } = daemon;
    await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
    await send('PATCH', `${url}/compositors/wall/tiles`, {
      '0,0': { brick: 'плитка.png' },
      '99,0': { brick: 'b' },
    });
    const reader = start(t, ['--url', url, '--view', '0,0,9,9', '--once', '2']);
    await reader.prints(/exact at revision 2: 1 tiles\n {2}0,0: плитка.png of wall/);
    await send('PATCH', `${url}/compositors/wall/tiles`, { '1,0': { brick: 'new.png' }, '0,0': null });
    await reader.prints(/ {2}1,0: new.png of wall/);
    await reader.prints(/ {2}0,0: gone/);
    await daemon.stop();
    await startDaemon(t, { port, dir });
    await send('PATCH', `${url}/compositors/wall/tiles`, { '2,0': { brick: 'later.png' } });
    await reader.prints(/ {2}2,0: later.png of wall/, 60_000);
    t.strictSame(await reader.exited, { code: 0, signal: null });
    t.notMatch(reader.stdout, /99,0/);
  },
);

t.test('a daemon that wants a token, and a view that is none', { timeout: 200_000 }, async (t) => {
  const eye = tokenFor('eye', ['read']);
  const { url } = await startDaemon(t, { env: { COMPOSITORD_AUTH: authText(eye) } });
  const refused = start(t, ['--url', url]);
  t.match(await refused.exited, { code: 1 });
  t.match(refused.stderr, /^refused: 401 /m);
  const reader = start(t, ['--url', url], { COMPOSITORD_TOKEN: eye.token });
  await reader.prints(/exact at revision 0: 0 tiles/);
  const lost = start(t, ['--url', url, '--view', 'nowhere']);
  t.match(await lost.exited, { code: 1 });
  t.match(lost.stderr, /a view is four int32s/);
});
