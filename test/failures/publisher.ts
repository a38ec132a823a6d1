import { send } from '../support/http-client.ts';

/** Tiles by key; null removes. */
export type TileBody = Record<string, { brick: string; timestamp?: number } | null>;

/** A compositor that publishes over HTTP. What is not answered 2xx is thrown. */
export class HttpPublisher {
  readonly id: string;
  /** The cursor that each write was answered with, oldest first; the registration's is the first. */
  readonly cursors: string[] = [];
  readonly generation: string;
  readonly #url: string;

  private constructor(url: string, id: string, generation: string, cursor: string) {
    this.#url = url;
    this.id = id;
    this.generation = generation;
    this.cursors.push(cursor);
  }

  /** Registers `id`, with a lease that outlives any test unless `more` says otherwise. */
  static async join(url: string, id: string, more: object = {}): Promise<HttpPublisher> {
    const body = await write('PUT', `${url}/compositors/${id}`, { name: id, ttl: 86_400, ...more });
    return new HttpPublisher(url, id, body.lease.generation, body.cursor);
  }

  /** The cursor of its last write. */
  get cursor(): string {
    return this.cursors.at(-1)!;
  }

  async patch(tiles: TileBody): Promise<string> {
    const { cursor } = await write('PATCH', `${this.#url}/compositors/${this.id}/tiles`, tiles);
    this.cursors.push(cursor);
    return cursor;
  }

  /** `count` commits, one after the other: number `i` puts the brick `<name>-<i>` into the cell `cell(i)`. */
  async patchMany(count: number, name: string, cell: (i: number) => string): Promise<void> {
    for (let i = 0; i < count; i++) await this.patch({ [cell(i)]: { brick: `${name}-${i}` } });
  }

  async leave(): Promise<void> {
    this.cursors.push((await write('DELETE', `${this.#url}/compositors/${this.id}`)).cursor);
  }
}

async function write(method: string, url: string, body?: object) {
  const reply = await send(method, url, body);
  if (reply.status >= 300) throw new Error(`${method} ${url}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply.body;
}
