import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { isSuccess, isUnavailable, pause, type HttpReply } from '../http-client.ts';
import type { VerifyContext } from './context.ts';
import type { Observations } from './observations.ts';
import type { Registered } from './test-compositors.ts';

/** Milliseconds between two writes, on average. */
const INTERVAL = 80;
/** Every fifth write is sent again, every third is read at the other URLs, from the second and the first on: a slow deployment has few. */
const REPEAT_EVERY = 5;
const READ_EVERY = 3;
const RETRY_DELAY = 150;

export interface WriterOptions {
  readonly registered: Registered;
  readonly row: number;
  /** Brings tiles to `url`. Never throws. */
  readonly writeTiles: (url: string, tiles: object, what: string) => Promise<HttpReply>;
}

/** A writer whose tiles go in requests of HTTP. */
export async function runWriter(
  context: VerifyContext,
  id: string,
  { row, own }: { readonly row: number; readonly own: readonly string[] },
): Promise<void> {
  const { compositors, over } = context;
  const registered = await compositors.register({ id, signal: over });
  if (!registered) return;
  const writeTiles: WriterOptions['writeTiles'] = (url, tiles, what) =>
    compositors.writeTiles(url, registered, tiles, what);
  await new Writer(context, { registered, row, writeTiles }).run(own);
}

/** A compositor that writes until the time is over, and reads its writes at every URL. */
export class Writer {
  readonly #context: VerifyContext;
  readonly #id: string;
  readonly #row: number;
  readonly #writeTiles: WriterOptions['writeTiles'];

  constructor(context: VerifyContext, { registered, row, writeTiles }: WriterOptions) {
    this.#context = context;
    this.#id = registered.id;
    this.#row = row;
    this.#writeTiles = writeTiles;
  }

  /** Writes at each of `own` in turn, until `over`; repeats the last write until it is answered, or `stop`. */
  async run(own: readonly string[]): Promise<void> {
    const { urls, over } = this.#context;
    for (let n = 1; !over.aborted; n++) {
      const url = own[n % own.length]!;
      const cursor = await this.#write(n, url);
      if (cursor === undefined) return;
      const others = urls.filter((other) => other !== url);
      if (others.length === 0) others.push(url);
      if (n % REPEAT_EVERY === 2) await this.#repeat(n, others[0]!);
      if (n % READ_EVERY === 1)
        await Promise.all(others.map((readAt) => this.#readAtLeast(n, url, readAt, cursor)));
      await pause(INTERVAL * (0.5 + Math.random()), over);
    }
  }

  async #write(n: number, url: string): Promise<Cursor | undefined> {
    const { observations, stop } = this.#context;
    for (let attempts = 1; ; attempts++) {
      const reply = await this.#send(n, url);
      const write = { writer: this.#id, n, url, attempts };
      if (isSuccess(reply)) {
        const { cursor, changed } = reply.body as { cursor: Cursor; changed: number };
        observations.writes.push({ ...write, cursor, changed });
        return cursor;
      }
      const rejected = isUnavailable(reply) ? undefined : `${reply.status} ${reply.code ?? ''}`.trim();
      if (rejected !== undefined || stop.aborted) {
        observations.writes.push({ ...write, cursor: undefined, changed: 0, ...(rejected && { rejected }) });
        return undefined;
      }
      await pause(RETRY_DELAY, stop);
    }
  }

  async #repeat(n: number, url: string): Promise<void> {
    const { status, body } = await this.#send(n, url);
    const changed = Number((body as { changed?: unknown } | undefined)?.changed);
    this.#context.observations.repeats.push({ writer: this.#id, n, url, status, changed });
  }

  #send(n: number, url: string) {
    const tiles = this.#context.region.body(this.#id, this.#row, n);
    return this.#writeTiles(url, tiles, `write ${n} of ${this.#id}`);
  }

  async #readAtLeast(n: number, writtenAt: string, readAt: string, atLeast: Cursor): Promise<void> {
    const { send, region, observations } = this.#context;
    const path = `/manifest?view=${region.row(this.#row)}&atLeast=${atLeast}`;
    const { status, code, body } = await send(readAt, path);
    const { cursor = '', tiles = {} } = (body ?? {}) as { cursor?: string; tiles?: object };
    const shown = region.read(new Map(Object.entries(tiles)), this.#id, this.#row).n;
    const writer = this.#id;
    observations.readsAtLeast.push({ writer, n, writtenAt, readAt, atLeast, status, code, cursor, shown });
  }
}

/** The newest cursor in the replies to writes. */
export function newestCursor({ writes }: Observations): Cursor | undefined {
  const cursors = writes.flatMap(({ cursor }) => (cursor === undefined ? [] : [cursor as Cursor]));
  return cursors.sort((a, b) => revisionOf(b) - revisionOf(a))[0];
}
