// What went wrong: a read of the whole map went on for a client that had closed its connection, and the log had an error, as if of a bug, for
// each search whose client had gone.
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { writeTiles } from './write-tiles.ts';

/** What takes long goes on only when it may, a slice at a time. */
class HeldClock extends SystemClock {
  readonly held: (() => void)[] = [];
  isHeld = false;
  #time = 0;

  override monotonic(): number {
    return this.isHeld ? (this.#time += 10) : super.monotonic();
  }

  override soon(run: () => void): void {
    if (this.isHeld) this.held.push(run);
    else super.soon(run);
  }
}

/** Gives slices until nobody wants one; returns how many. */
async function giveSlices({ held }: HeldClock): Promise<number> {
  let slices = 0;
  for (let idle = 0; idle < 20; idle++) {
    await new Promise(setImmediate);
    if (held.length > 0) idle = 0;
    slices += held.length;
    for (const run of held.splice(0)) run();
  }
  return slices;
}

t.test('a read ends with its client', async (t) => {
  const clock = new HeldClock();
  let gone = 0;
  const register = (server: FastifyInstance) =>
    server.addHook('onRequest', (_request, reply, done) => {
      reply.raw.once('close', () => (gone += Number(!reply.raw.writableFinished)));
      done();
    });
  const built = await build(t, { clock, register });
  const since = await writeTiles(built, 'wall', { '0,1': { brick: 'b' } });
  const tiles = Array.from({ length: 9000 }, (_, i) => [`${40 * i},0`, { brick: 'b' }]);
  await writeTiles(built, 'wall', Object.fromEntries(tiles) as object);
  // What a cell's history looks through in one slice is a megabyte of commits.
  for (const brick of 'cdefghijklmn')
    await writeTiles(built, 'wall', Object.fromEntries(tiles.map(([key]) => [key, { brick }])) as object);
  const url = new URL(await built.app.listen());
  for (const path of [
    '/manifest?zoom=4',
    '/manifest/digests?zoom=6',
    '/manifest/search?brick=b',
    '/manifest/counts',
    `/manifest/changes?since=${since}`,
    `/manifest/comparison?since=${since}`,
    '/manifest/history?cell=7,7',
  ]) {
    clock.isHeld = true;
    const begin = async () => {
      const socket = connect(Number(url.port), url.hostname);
      socket.resume().write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
      await eventually(() => clock.held.length > 0, `${path} waits for its slice`);
      return socket;
    };
    const patient = await begin();
    const all = await giveSlices(clock);
    patient.destroy();
    const before = gone;
    (await begin()).destroy();
    await eventually(() => gone > before, 'the daemon knows that its client has gone');
    const slices = await giveSlices(clock);
    clock.isHeld = false;
    t.ok(slices < all / 2, `${path}: ${slices} slices and not ${all}`);
  }
  t.strictSame(
    built.log.filter(({ level }) => level === 50),
    [],
  );
});
