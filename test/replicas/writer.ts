import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Random } from '../simulation/random.ts';
import { send, type Reply } from '../support/http-client.ts';

/** Cells in a writer's row. */
const WIDTH = 10;
/** Milliseconds before it asks again. */
const AGAIN = 30;

/**
 * A compositor that publishes through any replica, each write again until it is answered 2xx, and remembers what it was
 * answered. It owns one row of the plane. Whose store has forgotten it registers again and sends all it has.
 */
export class Writer {
  readonly id: string;
  /** The cursors of its writes, oldest first. */
  readonly acknowledged: string[] = [];
  /** What it was told instead of 2xx, and how often; `gone` when nobody answered. */
  readonly refusals: Record<string, number> = {};
  /** Milliseconds of the slowest answer, whatever it was. */
  slowest = 0;
  /** How many commits it must have made: registrations and writes. */
  commits = 0;
  /** How often it had to register again. */
  returns = 0;
  readonly #urls: () => readonly string[];
  readonly #random: Random;
  readonly #row: number;
  readonly #more: object;
  readonly #tiles = new Map<string, string>();
  #generation = '';

  /** `more`: of its registration. */
  constructor(options: {
    urls: () => readonly string[];
    id: string;
    row: number;
    random: Random;
    more?: object;
  }) {
    this.#urls = options.urls;
    this.id = options.id;
    this.#row = options.row;
    this.#random = options.random;
    this.#more = options.more ?? {};
  }

  async join(): Promise<void> {
    const body = { name: this.id, ttl: 3600, instance: 'only', ...this.#more };
    const { lease } = await this.#answered('PUT', '', body);
    this.#generation = lease.generation as string;
    this.commits++;
  }

  /** One commit: a new brick in one cell, and another cell emptied or filled. */
  async write(): Promise<string> {
    const n = this.acknowledged.length;
    const [x, other] = [n % WIDTH, (n * 7 + 3) % WIDTH];
    const tiles: Record<string, { brick: string } | null> = { [this.#cell(x)]: { brick: `${this.id}-${n}` } };
    if (other !== x) tiles[this.#cell(other)] = n % 3 === 0 ? null : { brick: `${this.id}-${n}+` };
    for (const [key, tile] of Object.entries(tiles)) {
      if (tile) this.#tiles.set(key, tile.brick);
      else this.#tiles.delete(key);
    }
    const { cursor } = await this.#answered('PATCH', '/tiles', tiles);
    this.acknowledged.push(cursor as string);
    this.commits++;
    return cursor as string;
  }

  /** Writes without a pause until `signal` says enough. */
  async writeUntil(signal: AbortSignal, pause = 0): Promise<void> {
    while (!signal.aborted) {
      await this.write();
      if (pause > 0) await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What the manifest says it owns is what it wrote last. */
  check(t: Test, manifest: { tiles: Record<string, { brick: string; compositor: string }> }): void {
    const theirs = Object.entries(manifest.tiles).filter(([, tile]) => tile.compositor === this.id);
    const mine = [...this.#tiles].sort();
    t.strictSame(theirs.map(([key, { brick }]) => [key, brick]).sort(), mine, `${this.id}: nothing is lost`);
  }

  #cell(x: number): string {
    return `${x - WIDTH / 2},${this.#row}`;
  }

  async #answered(method: string, path: string, body: object): Promise<Reply['body']> {
    for (;;) {
      const begun = performance.now();
      const headers = { ...(this.#generation !== '' && { 'Lease-Generation': this.#generation }) };
      const url = `${this.#random.pick(this.#urls())}/compositors/${this.id}${path}`;
      const reply = await send(method, url, body, headers).catch(() => undefined);
      this.slowest = Math.max(this.slowest, performance.now() - begun);
      if (reply && reply.status < 300) return reply.body;
      const why = reply ? String(reply.body.type).replace('/problems/', '') : 'gone';
      this.refusals[why] = (this.refusals[why] ?? 0) + 1;
      if (why === 'not-found' && path !== '') await this.#return();
      // 502 is of a proxy that reaches nobody.
      else if (reply && reply.status !== 503 && reply.status !== 502)
        throw new Error(`${method} ${url}: ${reply.status} ${JSON.stringify(reply.body)}`);
      else await delay(AGAIN);
    }
  }

  async #return(): Promise<void> {
    this.#generation = '';
    this.returns++;
    await this.join();
    const all = [...this.#tiles].map(([key, brick]) => [key, { brick }]);
    await this.#answered('PUT', '/tiles', Object.fromEntries(all) as object);
    this.commits++;
  }
}

/** `ids`, joined, each with a row of its own. */
export async function writers(
  urls: () => readonly string[],
  random: Random,
  ids: readonly string[] = ['a', 'b', 'c'],
  more: object = {},
): Promise<Writer[]> {
  const all = ids.map((id, row) => new Writer({ urls, id, row, random, more }));
  await Promise.all(all.map((writer) => writer.join()));
  return all;
}

/** All of them write, and the readers hop, while `work` is done. */
export async function whileWriting<T>(
  all: readonly Writer[],
  readers: readonly { stir(): Promise<void> }[],
  work: () => Promise<T>,
  pause = 5,
): Promise<T> {
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const writing = all.map((writer) => writer.writeUntil(over.signal, pause));
  const hopping = readers.map(async (reader) => {
    while (!over.signal.aborted) {
      await reader.stir();
      await delay(20, undefined, { signal: over.signal }).catch(() => undefined);
    }
  });
  try {
    return await work();
  } finally {
    over.abort();
    await Promise.all([...writing, ...hopping]);
  }
}

/** Resolves when each has been answered `count` more writes. */
export async function moreWrites(all: readonly Writer[], count: number, ceilingMs = 30_000): Promise<void> {
  const goals = all.map((writer) => writer.acknowledged.length + count);
  const late = performance.now() + ceilingMs;
  while (!all.every((writer, i) => writer.acknowledged.length >= goals[i]!)) {
    if (performance.now() > late)
      throw new Error(
        `${count} more writes were not answered within ${ceilingMs} ms: ${JSON.stringify(all)}`,
      );
    await delay(10);
  }
}
