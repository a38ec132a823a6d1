// What one worker has begun, another goes on with: a browser's session, and the connection to a compositor when its worker is killed.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { authText, tokenFor } from '../support/tokens.ts';
import { APART, logOf, processes } from './worker-processes.ts';

const TWO = ['--workers=2', '--shutdown-grace=2'];

t.test('a session that one worker began is valid at each', { timeout: 60_000 }, async (t) => {
  const eye = tokenFor('eye', ['read']);
  const { url } = await startDaemon(t, { args: TWO, env: { COMPOSITORD_AUTH: authText(eye) } });
  const login = await send('POST', `${url}/session`, { token: eye.token }, APART);
  t.equal(login.status, 204);
  const [cookie = ''] = login.headers.get('set-cookie')!.split(';', 1);
  const answered = new Set<number>();
  for (let i = 0; i < 4; i++) {
    t.equal((await send('GET', `${url}/health`, undefined, APART)).status, 401);
    // The one above took the turn of the next worker, so a third request takes that of the other one.
    if (i % 2 === 0) await send('GET', `${url}/health/live`, undefined, APART);
    const { status, body } = await send('GET', `${url}/health`, undefined, { ...APART, cookie });
    t.equal(status, 200);
    answered.add(body.workers.answered as number);
  }
  t.strictSame([...answered].sort(), [1, 2]);
});

t.test(
  'one worker connects to a compositor, and another when that is killed',
  { timeout: 90_000 },
  async (t) => {
    const peer = await HttpPeer.start(t);
    const daemon = await startDaemon(t, { args: TWO });
    const wall = `${daemon.url}/compositors/wall`;
    const { protocol, address, port } = peer.target;
    await send('PUT', wall, { name: 'Wall', protocol, address, port, ttl: 3600 });
    const health = async () => (await send('GET', `${wall}/health`, undefined, APART)).body;
    await eventually(async () => (await health()).state === 'connected', 'it is connected');
    const { holder } = await health();
    for (let i = 0; i < 3; i++) t.equal((await health()).holder, holder, 'each worker knows who holds it');
    t.equal(peer.connections, 1);

    const [connected] = logOf(daemon).filter(({ msg }) => msg === 'compositor connected');
    t.ok([...processes(daemon).values()].includes(Number(connected!['pid'])));
    process.kill(Number(connected!['pid']), 'SIGKILL');
    const takenOver = async () => {
      // A request that was handed to the killed one is cut.
      const { holder: now, state } = await health().catch(() => ({ holder, state: '' }));
      return state === 'connected' && now !== undefined && now !== holder;
    };
    await eventually(takenOver, 'another worker has connected', 30_000);
    await eventually(async () => peer.open === 1, 'only that one');
    const zoom = async () => (await send('POST', `${wall}/commands`, { command: 'zoom' }, APART)).status;
    // It counts as connected a moment before commands can be sent; until then none is.
    await eventually(async () => (await zoom()) === 200, 'commands arrive');
    for (let i = 0; i < 3; i++) t.equal(await zoom(), 200);
    t.equal(peer.commands.length, 4);
  },
);

t.test(
  'a request that was handed to a worker which dies is cut, and does not wait for ever',
  { timeout: 60_000 },
  async (t) => {
    const daemon = await startDaemon(t, { args: TWO });
    const [stopped] = [...processes(daemon).values()];
    process.kill(stopped!, 'SIGSTOP');
    let answered = 0;
    const requests = Array.from({ length: 4 }, async () => {
      const { status } = await send('GET', `${daemon.url}/health/live`, undefined, APART);
      answered += 1;
      return status;
    });
    const ends = Promise.allSettled(requests);
    await eventually(async () => answered === 3, 'the other worker has answered all but one');
    process.kill(stopped!, 'SIGKILL');
    const cut = (await ends).filter((end) => end.status === 'rejected');
    t.match(cut, [{ reason: { name: 'TypeError', message: 'fetch failed' } }]);
  },
);
