import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import type { HttpPublisher } from '../failures/publisher.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';

const run = promisify(execFile);

const ROWS = 12;
const TILES_IN_A_ROW = 2000;

/** A map that is sent in pieces comes through the proxy at `url` compressed as it does without compression, by GET and by the stream. */
export async function longMapThrough(t: Test, wall: HttpPublisher, url: string): Promise<void> {
  for (let y = 100; y < 100 + ROWS; y++)
    await wall.patch(
      Object.fromEntries(
        Array.from({ length: TILES_IN_A_ROW }, (_, x) => [`${x},${y}`, { brick: `brick-${x % 97}-${y}` }]),
      ),
    );
  const curl = async (...flags: string[]) =>
    (await run('curl', ['-sf', ...flags, `${url}/manifest`], { maxBuffer: 2 ** 26 })).stdout;
  const plain = await curl();
  t.ok(plain.length > ROWS * TILES_IN_A_ROW * 60);
  t.equal(await curl('--compressed'), plain, 'curl says no word about its end, its CRC or its length');
  t.match(await curl('--compressed', '--include'), /^content-encoding: gzip\r$/im);

  const reader = new ConformanceClient({ url, headers: { 'Accept-Encoding': 'gzip' } });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursors.at(-1)!);
  await sameAsManifest(t, reader, url);
  t.equal(reader.stream!.headers['content-encoding'], 'gzip');
  await reader.disconnect();
}
