import { isNamespace } from '../../domain/store-address.ts';

/** Every name that the store has in Redis. One hash tag, so that all of them lie in one slot of a cluster. */
export interface Keys {
  /** Stream: one entry a commit, whose id is `<revision>-0`. */
  readonly log: string;
  /** Hash: tile key -> tile as JSON, as of the head. */
  readonly tiles: string;
  /** Hash: id -> compositor as JSON, as of the head. */
  readonly compositors: string;
  /** Sorted set: `id:generation` by deadline, milliseconds since 1970 on Redis's clock. */
  readonly leases: string;
  /** Sorted set, for milliseconds: the clients that lost a race, in a queue, by when the ticket of each is over. */
  readonly tickets: string;
  /** Hash: id of a compositor -> `<deadline> <replica>`, which replica holds its connector, by Redis's clock. */
  readonly claims: string;
  /**
   * Sorted set: the ids of the parts of large commits in the log, by revision. The parts of one are the list
   * `<this key>:<id>`; what a large batch changes in `tiles`, until it is there, the lists `<this key>:<id>:set` and `:removed`.
   */
  readonly parts: string;
  /** String: the id of the large batch whose changes are not all in `tiles` yet; it is the newest one. */
  readonly pending: string;
  /** String: what signs the sessions of JWTs, in hexadecimal. */
  readonly secret: string;
  /** String: the number of this layout. */
  readonly format: string;
}

/** The newest layout of the keys. Raise it with every change that an older compositord would misread. */
export const FORMAT = 2;
/** The layout while no commit was kept in parts: an older compositord reads it, so a rolling upgrade has no gap. */
export const FORMAT_WITHOUT_PARTS = 1;

/** Throws an Error of one line for a namespace that {@link isNamespace} refuses. */
export function keysOf(namespace: string): Keys {
  if (!isNamespace(namespace))
    throw new Error(
      `The namespace ${JSON.stringify(namespace)} is not 1 to 64 letters, digits, dots, dashes and underscores.`,
    );
  const key = (name: string) => `{${namespace}}:${name}`;
  return {
    log: key('log'),
    tiles: key('tiles'),
    compositors: key('compositors'),
    leases: key('leases'),
    // Named for what a ticket was called first; older daemons know it by this name.
    tickets: key('turn'),
    claims: key('claims'),
    parts: key('parts'),
    pending: key('pending'),
    secret: key('secret'),
    format: key('format'),
  };
}

/** The channel of messages to the replica `name`. It lies in the slot of the keys, so the same node serves it. */
export function channelOf(namespace: string, name: string): string {
  return `{${namespace}}:post:${name}`;
}

/** The parts named `id`. */
export function partsKey({ parts }: Keys, id: string): string {
  return `${parts}:${id}`;
}

/** The staged changes named `id`. */
export function changesKeys({ parts }: Keys, id: string): { set: string; removed: string } {
  return { set: `${parts}:${id}:set`, removed: `${parts}:${id}:removed` };
}

/** Where a refill named `id` stages what will be `key`. */
export function stagedKey(key: string, id: string): string {
  return `${key}:refill:${id}`;
}
