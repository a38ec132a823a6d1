import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { isSuccess, isUnavailable, pause } from '../http-client.ts';
import type { VerifyContext } from './context.ts';
import type { Observations } from './observations.ts';
import type { Registered } from './test-compositors.ts';

/** Milliseconds between two writes, on average. */
const INTERVAL = 80;
/** Every fifth write is sent again, every third is read at the other URLs. */
const REPEAT_EVERY = 5;
const READ_EVERY = 3;
const RETRY_DELAY = 150;

/** A compositor that writes until the time is over, and reads its writes at every URL. */
export class Writer {
  readonly #context: VerifyContext;
  readonly #id: string;
  readonly #row: number;
  #registered: Registered | undefined;

  constructor(context: VerifyContext, id: string, row: number) {
    this.#context = context;
    this.#id = id;
    this.#row = row;
  }

  /** Writes at each of `own` in turn, until `over`; repeats the last write until it is answered, or `stop`. */
  async run(own: readonly string[]): Promise<void> {
    const { compositors, urls, over } = this.#context;
    this.#registered = await compositors.register({ id: this.#id, signal: over });
    for (let n = 1; this.#registered && !over.aborted; n++) {
      const url = own[n % own.length]!;
      const cursor = await this.#write(n, url);
      if (cursor === undefined) return;
      const others = urls.filter((other) => other !== url);
      if (others.length === 0) others.push(url);
      if (n % REPEAT_EVERY === 0) await this.#repeat(n, others[0]!);
      if (n % READ_EVERY === 0)
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
    const { compositors, region } = this.#context;
    const body = region.body(this.#id, this.#row, n);
    return compositors.writeTiles(url, this.#registered!, body, `write ${n} of ${this.#id}`);
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
