import t from 'tap';
import { Api } from '../../web/page/api.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';

// A tab that was hidden for over 500 commits dropped all older ones, and its slider jumped to the end.
t.test('the history goes on where it was known, however long ago', async (t) => {
  const daemon = await startDaemon(t);
  const api = new Api({ base: daemon.url, onUnauthorized: () => t.fail('nobody asked for a token') });
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
  const write = (brick: string) =>
    send('PATCH', `${daemon.url}/compositors/wall/tiles`, { '0,0': { brick } });
  await write('first');
  const [known] = await api.history(undefined);
  for (let i = 0; i < 510; i++) await write(`brick-${i}`);
  const [newest] = await api.history(known!.cursor);
  const count = (commits: unknown[]) => commits.length;
  t.ok(count(await api.history(known!.cursor)) > 510, 'all commits since');
  t.ok((await api.history(known!.cursor)).some(({ cursor }) => cursor === known!.cursor));
  t.ok(count(await api.history(newest!.cursor)) <= 100, 'and no more than a page when it was just now');
});
