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
  /** Sorted set, for milliseconds: the clients that lost a race, in line, by when the turn of each is over. */
  readonly turn: string;
  /** Hash: id of a compositor -> `<deadline> <replica>`, which of them holds its connector, by Redis's clock. */
  readonly claims: string;
  /** String: the number of this layout. */
  readonly format: string;
}

/** The layout of the keys. Raise it with every change that an older compositord would misread. */
export const FORMAT = 1;

const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Throws an Error of one line when `namespace` is none: a brace in it would tear the hash tag apart. */
export function keysOf(namespace: string): Keys {
  if (!NAMESPACE.test(namespace))
    throw new Error(
      `The namespace ${JSON.stringify(namespace)} is not 1 to 64 letters, digits, dots, dashes and underscores.`,
    );
  const key = (name: string) => `{${namespace}}:${name}`;
  return {
    log: key('log'),
    tiles: key('tiles'),
    compositors: key('compositors'),
    leases: key('leases'),
    turn: key('turn'),
    claims: key('claims'),
    format: key('format'),
  };
}

/** The channel on which the replica `name` is spoken to. In the slot of the keys, so that it is served where they are. */
export function channelOf(namespace: string, name: string): string {
  return `{${namespace}}:post:${name}`;
}

/** Where a refill named `id` gathers what will be `key`. */
export function stagedKey(key: string, id: string): string {
  return `${key}:refill:${id}`;
}
