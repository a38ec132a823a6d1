import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { rest, type Crew, type Joined } from './crew.ts';
import { ask, isAway, isOk } from './deployment.ts';
import type { Evidence } from './evidence.ts';
import type { Region } from './region.ts';

/** Milliseconds between two writes, on average. */
const PACE = 80;
/** Every so many writes is sent again, is looked for elsewhere. */
const REPEATS = 5;
const LOOKS = 3;
const WAIT = 150;

export interface WriterOptions {
  readonly id: string;
  readonly row: number;
  /** Where it writes in turn. */
  readonly urls: readonly string[];
  /** Where its writes are looked for. */
  readonly everywhere: readonly string[];
  readonly crew: Crew;
  readonly region: Region;
  readonly evidence: Evidence;
}

/** A compositor that writes without end, and asks every URL for what it has written. */
export class Writer {
  readonly #options: WriterOptions;
  #joined: Joined | undefined;
  #n = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Until `over`; the write in hand is repeated until it is answered, or `stop`. */
  async run(over: AbortSignal, stop: AbortSignal): Promise<void> {
    const { crew, id, urls, everywhere } = this.#options;
    this.#joined = await crew.join({ id, signal: over });
    while (this.#joined && !over.aborted) {
      const n = ++this.#n;
      const url = urls[n % urls.length]!;
      const cursor = await this.#write(n, url, stop);
      if (cursor === undefined) return;
      const others = everywhere.filter((other) => other !== url);
      if (n % REPEATS === 0) await this.#repeat(n, others[0] ?? url);
      if (n % LOOKS === 0)
        await Promise.all(
          (others.length > 0 ? others : [url]).map((read) => this.#look(n, url, read, cursor)),
        );
      await rest(PACE * (0.5 + Math.random()), over);
    }
  }

  async #write(n: number, url: string, stop: AbortSignal): Promise<Cursor | undefined> {
    const { evidence, id: writer } = this.#options;
    for (let attempts = 1; ; attempts++) {
      const answer = await this.#send(n, url);
      if (isOk(answer)) {
        const { cursor, changed } = answer.body as { cursor: Cursor; changed: number };
        evidence.writes.push({ writer, n, url, attempts, cursor, changed });
        return cursor;
      }
      const refused = isAway(answer) ? undefined : `${answer.status} ${answer.code ?? ''}`.trim();
      if (refused !== undefined || stop.aborted) {
        evidence.writes.push({
          writer,
          n,
          url,
          attempts,
          cursor: undefined,
          changed: 0,
          ...(refused !== undefined && { refused }),
        });
        return undefined;
      }
      await rest(WAIT, stop);
    }
  }

  async #repeat(n: number, url: string): Promise<void> {
    const { evidence, id: writer } = this.#options;
    const { status, body } = await this.#send(n, url);
    evidence.repeats.push({
      writer,
      n,
      url,
      status,
      changed: Number((body as { changed?: unknown } | undefined)?.changed),
    });
  }

  #send(n: number, url: string) {
    const { id, row, crew, region } = this.#options;
    return crew.write(url, `write ${n} of ${id}`, `/compositors/${id}/tiles`, {
      method: 'PATCH',
      body: region.body(id, row, n),
      headers: { 'lease-generation': this.#joined!.generation },
    });
  }

  async #look(n: number, wrote: string, read: string, asked: Cursor): Promise<void> {
    const { id, row, region, evidence } = this.#options;
    const answer = await ask(read, `/manifest?view=${region.row(row)}&atLeast=${asked}`);
    const { cursor = '', tiles = {} } = (answer.body ?? {}) as {
      cursor?: string;
      tiles?: Record<string, unknown>;
    };
    const shown = region.read(new Map(Object.entries(tiles)), id, row).n;
    const { status, code } = answer;
    evidence.newer.push({ writer: id, n, wrote, read, asked, status, code, cursor, shown });
  }
}

/** The newest of the cursors that writes were answered with. */
export function newestCursor({ writes }: Evidence): Cursor | undefined {
  const cursors = writes.flatMap(({ cursor }) => (cursor === undefined ? [] : [cursor as Cursor]));
  return cursors.reduce<Cursor | undefined>(
    (newest, cursor) => (newest && revisionOf(newest) >= revisionOf(cursor) ? newest : cursor),
    undefined,
  );
}
