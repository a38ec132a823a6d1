// Of a snapshot in parts `watch` counted the first alone ("tiles=0 compositors=341"), and passed the others off as changes.
import t from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { FakeTerminal } from './fake-terminal.ts';

t.test('a snapshot in parts is one line, with all of it', async (t) => {
  const { url } = await startDaemon(t);
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
  const cells = Array.from({ length: 3014 }, (_, i) => [`${i},0`, { brick: 'wall.png' }]);
  await send('PATCH', `${url}/compositors/wall/tiles`, Object.fromEntries(cells));
  const terminal = new FakeTerminal();
  const code = commandLine(['watch', '--url', url, '--count', '2'], terminal);
  await terminal.until('snapshot');
  await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': null });
  t.equal(await code, 0);
  t.match(
    terminal.out,
    /^\S+ - stream connected\n\S+ 2-\w+ snapshot reason="initial" tiles=3014 compositors=1\n\S+ 3-\w+ tile 0,0 removed by=wall\n$/,
  );
});
