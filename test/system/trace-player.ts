import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { readTrace, type TraceLine } from '../../src/commands/trace.ts';
import { send, type Reply } from '../support/http-client.ts';

export const TRACE = fileURLToPath(new URL('../fixtures/geometry-os-history.jsonl.gz', import.meta.url));
/** Of the map that the whole trace leaves; from the README of the data. */
export const FINAL_SHA256 = '1278b8368dc0126d77a12e6065ca108e4ac195f7de0587733b42633c4481c8a3';
export const FINAL_TILES = 3924;

/** A write that was answered 2xx. */
export interface Acknowledged {
  readonly cursor: string;
  /** How many lines of the trace were played then. */
  readonly lines: number;
}

type TraceMap = Map<string, object>;

/** Plays the real trace as its compositors would publish it: in order, and each write again until it is answered. */
export class TracePlayer {
  readonly #urlOf: (compositor: string) => string;
  readonly #lines: readonly TraceLine[];
  readonly #map: TraceMap = new Map();
  readonly #generations = new Map<string, string>();
  /** The number of the next line. */
  #next = 0;
  #retries = 0;
  #commits = 0;
  #last: Acknowledged | undefined;

  private constructor(urlOf: (compositor: string) => string, lines: readonly TraceLine[]) {
    this.#urlOf = urlOf;
    this.#lines = lines;
  }

  /** `url`: the daemon's, or which replica a compositor talks to. */
  static async open(url: string | ((compositor: string) => string)): Promise<TracePlayer> {
    const lines: TraceLine[] = [];
    for await (const line of readTrace(TRACE)) lines.push(line);
    return new TracePlayer(typeof url === 'string' ? () => url : url, lines);
  }

  get lines(): number {
    return this.#lines.length;
  }

  get played(): number {
    return this.#next;
  }

  get compositors(): string[] {
    return [...new Set(this.#lines.map((line) => line.compositor))];
  }

  /** How many writes changed something: so many commits there must be, however often each was sent. */
  get commits(): number {
    return this.#commits;
  }

  /** How many times a request was not answered. */
  get retries(): number {
    return this.#retries;
  }

  get last(): Acknowledged {
    if (!this.#last) throw new Error('nothing was played yet');
    return this.#last;
  }

  /** Registers the compositors. The same instance every time: sent twice, it is one registration. */
  async join(): Promise<void> {
    for (const id of this.compositors) {
      const { lease } = await this.#answered('PUT', id, '', { name: id, ttl: 86_400, instance: 'trace' });
      this.#generations.set(id, lease.generation as string);
      this.#commits++;
    }
  }

  /** Plays the next line; false at the end. */
  async step(): Promise<boolean> {
    const line = this.#lines[this.#next];
    if (!line) return false;
    const reply = await this.#answered('PATCH', line.compositor, '/tiles', Object.fromEntries(line.tiles), {
      'Lease-Generation': this.#generations.get(line.compositor) ?? '',
    });
    if (take(this.#map, line)) this.#commits++;
    this.#next++;
    this.#last = { cursor: reply.cursor, lines: this.#next };
    return true;
  }

  /** Of the map that the first `lines` lines leave. */
  sha256After(lines: number): string {
    const map: TraceMap = new Map();
    for (const line of this.#lines.slice(0, lines)) take(map, line);
    return sha256(Object.fromEntries(map));
  }

  async #answered(
    method: string,
    id: string,
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ) {
    for (;;) {
      let reply: Reply;
      try {
        reply = await send(method, `${this.#urlOf(id)}/compositors/${id}${path}`, body, headers);
      } catch {
        // Nobody there, or it died over it: only asking again tells whether it was done.
        this.#retries++;
        await delay(20);
        continue;
      }
      if (reply.status < 300) return reply.body;
      if (reply.status === 503) {
        this.#retries++;
        await delay(20);
        continue;
      }
      throw new Error(`${method} ${id}${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
  }
}

/** Of `{"x,y": {brick, timestamp}}` with its keys sorted as strings. */
export function sha256(tiles: Record<string, object>): string {
  const sorted = Object.fromEntries(Object.entries(tiles).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** Applies a line; whether it changed the map. */
function take(map: TraceMap, { tiles }: TraceLine): boolean {
  let changed = false;
  for (const [key, tile] of tiles) {
    changed ||= JSON.stringify(map.get(key) ?? null) !== JSON.stringify(tile);
    if (tile) map.set(key, tile);
    else map.delete(key);
  }
  return changed;
}
