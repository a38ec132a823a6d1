import { problemOf, Refused } from './refused.ts';

export interface TileWrite {
  /** The name of an image. */
  readonly brick: string;
  /** Unix seconds. Left out: when the daemon gets it, or as before if the brick stays. */
  readonly timestamp?: number;
}

/** By `"x,y"`; null removes a tile. */
export type TileChanges = Readonly<Record<string, TileWrite | null>>;

/** A commit. */
export interface Written {
  /** Names the commit, as everywhere in the API. */
  readonly cursor: string;
  /** How many tiles it changed. */
  readonly changed: number;
}

/** The answer to a request over the link. */
export interface Reply {
  readonly ok: boolean;
  readonly body: Written & { readonly republish?: boolean };
  readonly problem?: { readonly status?: number };
}

/** Some tiles that are to be written in one commit. */
interface Write {
  readonly changes: TileChanges;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: Error) => void;
  /** Sent before, without a result: what its tiles are by now is sent. */
  again: boolean;
}

/** Requests sent and not answered: beyond, the next ones wait here. */
const WINDOW = 512;
/** Writes that may wait. */
const MAX_WAITING = 100_000;
/** Tiles of one request when all are published again. */
const PART = 1000;

/** What a compositor writes, in the order of the calls, until the daemon has answered; and what it shows. */
export class WriteQueue {
  /** What was written last, but for what was refused. */
  readonly #shown = new Map<string, TileWrite>();
  #waiting: Write[] = [];
  readonly #sent = new Map<number, Write>();
  #requests = 0;

  /** Nobody waits for an answer. */
  get isEmpty(): boolean {
    return this.#waiting.length + this.#sent.size === 0;
  }

  add(changes: TileChanges): Promise<Written> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new Error(`${MAX_WAITING} writes wait for the daemon`));
    for (const [key, write] of Object.entries(changes))
      if (write) this.#shown.set(key, write);
      else this.#shown.delete(key);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject, again: false });
    });
  }

  /** Gives requests to `send`, while `isOpen` and the daemon answers those before them. */
  sendTo(send: (request: object) => void, isOpen: () => boolean): void {
    let taken = 0;
    while (this.#sent.size < WINDOW && taken < this.#waiting.length && isOpen()) {
      const write = this.#waiting[taken]!;
      taken += 1;
      const id = (this.#requests += 1);
      this.#sent.set(id, write);
      send({ type: 'tiles', id, tiles: write.again ? this.#present(write.changes) : write.changes });
    }
    if (taken > 0) this.#waiting.splice(0, taken);
  }

  /** False: the daemon could not take it now, and shall get it again. */
  answered(id: number, { ok, body, problem = {} }: Reply): boolean {
    const write = this.#sent.get(id);
    if (!write) return true;
    this.#sent.delete(id);
    if (ok) {
      write.resolve(body);
      return true;
    }
    const refused = new Refused(problemOf(problem, problem.status));
    if (isTemporary(refused)) {
      write.again = true;
      this.#waiting.unshift(write);
      return false;
    }
    this.#forget(write.changes);
    write.reject(refused);
    return true;
  }

  /** The link was lost: what was not answered is sent again over the next. */
  lost(): void {
    const unanswered = [...this.#sent.values()];
    this.#sent.clear();
    for (const write of unanswered) write.again = true;
    this.#waiting = [...unanswered, ...this.#waiting];
  }

  /** Everything that is shown is written again, before what waits. */
  publishAgain(): void {
    const keys = [...this.#shown.keys()];
    const parts: Write[] = [];
    for (let from = 0; from < keys.length; from += PART) {
      const part = keys.slice(from, from + PART);
      const changes = Object.fromEntries(part.map((key) => [key, this.#shown.get(key)!]));
      const reject = (error: Error) => this.#withoutTaken(changes, error);
      parts.push({ changes, again: true, resolve: () => undefined, reject });
    }
    this.#waiting = [...parts, ...this.#waiting];
  }

  /** Rejects everything. */
  end(error: Error): void {
    const writes = [...this.#sent.values(), ...this.#waiting];
    this.#sent.clear();
    this.#waiting = [];
    for (const { reject } of writes) reject(error);
  }

  /** The same tiles as they are by now: sent late, an older state must not replace a newer one. */
  #present(changes: TileChanges): TileChanges {
    return Object.fromEntries(Object.keys(changes).map((key) => [key, this.#shown.get(key) ?? null]));
  }

  /** What was refused is not shown, unless something else was written there since. */
  #forget(changes: TileChanges): void {
    for (const [key, write] of Object.entries(changes))
      if (write && this.#shown.get(key) === write) this.#shown.delete(key);
  }

  /** Others have taken some of these tiles over meanwhile: the rest is written without them. */
  #withoutTaken(changes: TileChanges, error: unknown): void {
    const taken = new Set(error instanceof Refused ? error.fields.map((field) => field.split('/')[1]) : []);
    const rest = Object.fromEntries(Object.entries(changes).filter(([key]) => !taken.has(key)));
    if (taken.size === 0 || Object.keys(rest).length === 0) return;
    this.add(rest).catch((again: unknown) => this.#withoutTaken(rest, again));
  }
}

/** It says nothing about the tiles: the same request can succeed later. */
function isTemporary({ status }: Refused): boolean {
  return status === 429 || status >= 500;
}
