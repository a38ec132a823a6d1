// FAILURES 4. Replay -> live hand-off. Commits never stop while 1,000 clients connect with cursors from anywhere in the
// history: what each gets is gapless, without duplicates, and nobody is affected by another's cursor.
import { parseRect, viewHash } from '../../src/domain/view.ts';
import { Random } from '../simulation/random.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const CLIENTS = { embedded: 1000, redis: 300 };
const AT_ONCE = 40;
/** Whole map, a part, and a part where nothing happens. */
const VIEWS = [undefined, '0,0,4,4', '100,100,120,120'];

onBothStores(
  'hundreds of readers resume anywhere while commits never stop',
  { timeout: 110_000 },
  async (t, on) => {
    const daemon = await startDaemon(t, on);
    cached.clear();
    const random = new Random(4);
    const cell = () => `${random.int(10)},${random.int(10)}`;
    const walls = await Promise.all(['a', 'b'].map((id) => HttpPublisher.join(daemon.url, id)));
    const [wall, other] = walls as [HttpPublisher, HttpPublisher];
    await wall.patchMany(150, 'start', () => cell());
    const known = [...wall.cursors];

    const over = new AbortController();
    const committing = commitUntil(over.signal, other);
    const readers: ConformanceClient[] = [];
    t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
    let turn = 0;
    const connectSome = async () => {
      while (turn < (on.store === undefined ? CLIENTS.embedded : CLIENTS.redis)) {
        const index = turn++;
        const view = VIEWS[index % VIEWS.length];
        const at = random.pick(known);
        const reader = new ConformanceClient({
          url: daemon.url,
          name: `reader ${index}`,
          reconnect: false,
          ...(view !== undefined && { view }),
        });
        const { body } = await then(daemon.url, at, view);
        reader.copy.seed(view === undefined ? at : `${at}@${viewHash({ rect: parseRect(view)! })}`, body);
        readers[index] = reader;
        reader.connect();
        await reader.until(({ counts }) => counts.synced > 0, 30_000, 'its first synced');
        if (index % 20 === 0) known.push(other.cursor);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, connectSome));
    over.abort();
    await committing;
    const last = await wall.patch(
      Object.fromEntries(
        ['1,1', '110,110'].map((key) => [key, { brick: 'last', timestamp: Date.now() / 1000 + 60 }]),
      ),
    );

    await Promise.all(readers.map((reader) => reader.untilCursor(last, 30_000)));
    t.ok(other.cursors.length > 10, `${other.cursors.length} commits came meanwhile`);
    t.strictSame(
      readers.flatMap(({ copy: { violations } }) => violations),
      [],
      'nobody was sent anything twice, out of order, or wrong',
    );
    t.equal(Math.max(...readers.map(({ counts }) => counts.snapshots)), 0, 'every cursor was good');
    t.equal(Math.max(...readers.map(({ counts }) => counts.connections)), 1);
    for (const [i, view] of VIEWS.entries()) {
      const same = readers.filter((_, index) => index % VIEWS.length === i);
      const states = new Set(same.map(({ copy: { tiles } }) => JSON.stringify([...tiles].sort())));
      t.equal(states.size, 1, `${view ?? 'the whole map'}: all ${same.length} hold the same`);
      await sameAsManifest(t, same[0]!, daemon.url, view === undefined ? {} : { view });
    }
  },
);

const cached = new Map<string, ReturnType<typeof send>>();

/** The manifest as it was; read once per cursor. */
function then(url: string, at: string, view: string | undefined): ReturnType<typeof send> {
  const query = `at=${at}${view === undefined ? '' : `&view=${view}`}`;
  let answer = cached.get(query);
  if (!answer) cached.set(query, (answer = send('GET', `${url}/manifest?${query}`)));
  return answer;
}

async function commitUntil(signal: AbortSignal, wall: HttpPublisher): Promise<void> {
  for (let i = 0; !signal.aborted; i++)
    await wall.patch({
      [`${i % 10},${(i % 7) + 10}`]: { brick: `b${i}` },
      [`3,${-(i % 3)}`]: i % 2 ? { brick: `c${i}` } : null,
    });
}
