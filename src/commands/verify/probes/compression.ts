import type { Cursor } from '../../../domain/cursor.ts';
import { isSuccess, pause } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import type { Observer } from '../observer.ts';
import type { Region } from '../region.ts';
import type { Registered } from '../test-compositors.ts';

/** Two readers of the same row at one URL, in which only this probe writes: nothing else pushes an event along. */
export interface QuietReaders {
  readonly url: string;
  readonly plain: Observer;
  readonly compressed: Observer;
}

/** Milliseconds between two writes. */
const INTERVAL = 250;
/** Milliseconds that a change may take to the plain stream, and from there on to the compressed one. */
const ARRIVAL_LIMIT = 5000;
const WITHHELD_LIMIT = 2500;
const SETTLE = 200;
/** So many tiles are worth to be compressed; one is sent as it is. */
const MANY = 30;

/** Writes now and then, and records when each change can be read from a plain stream and from a compressed one. */
export async function probeCompression(
  context: VerifyContext,
  id: string,
  row: number,
  readers: QuietReaders,
): Promise<void> {
  const { compositors, region, over } = context;
  const registered = await compositors.register({ id, url: readers.url, signal: over });
  if (!registered) return;
  for (let n = 1; !over.aborted; n++) {
    const cursor = await write(context, registered, readers.url, tilesOf(region, row, n));
    if (cursor !== undefined && !(await observe(context, cursor, readers))) return;
    await pause(INTERVAL * (0.5 + Math.random()), over);
  }
}

async function write({ compositors }: VerifyContext, registered: Registered, url: string, tiles: object) {
  const reply = await compositors.writeTiles(url, registered, tiles);
  return isSuccess(reply) ? (reply.body as { cursor: Cursor }).cursor : undefined;
}

/** Returns false when the compressed stream withholds the change: once is enough to know. */
async function observe(
  { observations }: VerifyContext,
  cursor: Cursor,
  { url, plain, compressed }: QuietReaders,
): Promise<boolean> {
  const failures = plain.failures + compressed.failures;
  if (!(await arrives(plain, cursor, ARRIVAL_LIMIT))) return true;
  const start = performance.now();
  const arrived = await arrives(compressed, cursor, WITHHELD_LIMIT);
  // A stream that was cut in between proves nothing, nor does one that a proxy decompressed.
  if (plain.failures + compressed.failures !== failures || !compressed.isCompressed) return true;
  observations.compressed.push({ url, cursor, ms: arrived ? performance.now() - start : undefined });
  return arrived;
}

async function arrives({ client }: Observer, cursor: Cursor, limit: number): Promise<boolean> {
  const arrival = () => client.untilCursor(cursor, limit).then(() => true);
  return arrival().catch(async () => {
    // When verify itself stood still, the event may have come and not have been read.
    await pause(SETTLE);
    return client.isAt(cursor);
  });
}

function tilesOf(region: Region, row: number, n: number): Record<string, { brick: string }> {
  const count = n % 2 === 0 ? MANY : 1;
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [region.key(row, i), { brick: `quiet.${n}.png` }]),
  );
}
