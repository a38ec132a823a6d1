// A reader that was cut off inside a change of its view came back with the old URL to another replica, which has to see that it has
// half a map.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { differences } from '../../src/conformance/differences.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';

t.test('a stream at one replica is re-aimed at the other, and cut off on the way', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'compositord-re-aim-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const settings = { store: `file:${folder}` };
  const [one, two] = [await build(t, { settings }), await build(t, { settings })];
  const [here, there] = [await one.app.listen(), await two.app.listen()];
  const wall = await HttpPublisher.join(here, 'wall');
  for (let y = 0; y < 40; y += 10)
    await wall.patch(
      Object.fromEntries(
        Array.from({ length: 1000 }, (_, i) => [
          `${i % 100},${y + Math.floor(i / 100)}`,
          { brick: 'b'.repeat(200) },
        ]),
      ),
    );
  const same = async (client: ConformanceClient, url: string) => {
    const truth: unknown = await (await fetch(`${url}/manifest${client.query}`)).json();
    t.strictSame(differences(client.copy, truth as Parameters<typeof differences>[1]), [], client.query);
  };
  let cut: (() => void) | undefined;
  const client = new ConformanceClient({
    url: here,
    view: '0,0,9,9',
    maxRetry: 20,
    onEvent: ({ event }) => event === 'view' && cut?.(),
  });
  t.teardown(() => client.disconnect());
  client.connect();
  await client.untilCursor(wall.cursor);

  t.equal(await client.reAim({ view: '5,0,14,9' }, there), 202, 'asked of the other replica');
  await client.until(({ copy, query }) => copy.exact && query === '?view=5%2C0%2C14%2C9');
  await same(client, there);
  t.equal(client.counts.connections, 1);

  cut = () => {
    cut = undefined;
    client.stream?.destroy();
  };
  client.moveTo(there);
  t.equal(await client.reAim({ view: '0,0,99,39' }, here), 202);
  await client.until(({ copy, counts }) => counts.connections === 2 && copy.exact);
  t.equal(client.counts.snapshots, 2, 'half a map is no position');
  await same(client, there);
  t.equal(client.copy.tiles.size, 4000);

  await two.app.close();
  t.equal(await client.reAim({ view: null }, here), 404, 'its replica has ended');
  t.strictSame(client.copy.violations, []);
});
