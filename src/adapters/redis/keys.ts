import { isNamespace } from '../../domain/store-address.ts';
import type { StoreFeature } from '../../domain/store-feature.ts';

/** Every name that the store has in Redis. One hash tag, so that all of them lie in one slot of a cluster. */
export interface Keys {
  /** Stream: one entry a commit, whose id is `<revision>-0`. */
  readonly log: string;
  /** Hash: tile key -> tile as `domain/stored-tile.ts` says, as of the head. Those of withdrawn compositors are swept later. */
  readonly tiles: string;
  /** Hash: id -> compositor as JSON, as of the head. */
  readonly compositors: string;
  /** Hash: id -> region as JSON, as of the head. */
  readonly regions: string;
  /** Sorted set: `id:generation` by deadline, milliseconds since 1970 on Redis's clock. */
  readonly leases: string;
  /** Sorted set, for milliseconds: the clients that lost a race, in a queue, by when the ticket of each is over. */
  readonly tickets: string;
  /** Hash: id of a compositor -> `<deadline> <replica>`, which replica holds its connector, by Redis's clock. */
  readonly claims: string;
  /** String: what signs the sessions of JWTs, in hexadecimal. */
  readonly secret: string;
  /** Hash: id of a withdrawn compositor -> the cursor of the commit that withdrew it, while tiles from before may lie in `tiles`. */
  readonly withdrawn: string;
  /** String: the number of this layout. */
  readonly format: string;
}

/**
 * The layouts of the keys. One begins with the first commit that an older compositord would misread: until then that one reads the store, so a
 * rolling upgrade has no gap. The layout 2, with large commits in parts, was never released, and is refused.
 */
export const FORMATS: Readonly<Record<StoreFeature, number>> = { none: 1, withdrawals: 3, regions: 4 };
export const NEWEST_FORMAT = Math.max(...Object.values(FORMATS));

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
    regions: key('regions'),
    leases: key('leases'),
    // Named for what a ticket was called first; older daemons know it by this name.
    tickets: key('turn'),
    claims: key('claims'),
    secret: key('secret'),
    withdrawn: key('withdrawn'),
    format: key('format'),
  };
}

/** The channel of messages to the replica `name`. It lies in the slot of the keys, so the same node serves it. */
export function channelOf(namespace: string, name: string): string {
  return `{${namespace}}:post:${name}`;
}

/** Where a refill or a restore named `id` stages what will be `key`. */
export function stagedKey(key: string, id: string): string {
  return `${key}:staged:${id}`;
}
