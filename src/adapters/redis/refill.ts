import { randomUUID } from 'node:crypto';
import { newestFeature } from '../../domain/store-feature.ts';
import type { StoreState } from '../../domain/store.ts';
import { FORMATS, type Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { StagedKeys } from './staged-keys.ts';

/** Seconds after which the staged keys of a refill that broke off expire. */
const KEPT_FOR = 60;

/** Puts `state` into an empty Redis, without leases: first under staged keys, then into place if the log is still empty. */
export async function refill(connection: RedisConnection, keys: Keys, state: StoreState): Promise<boolean> {
  const staged = new StagedKeys({ connection, keys, id: randomUUID(), keptFor: KEPT_FOR });
  const { manifest, log } = state;
  try {
    await staged.add({ ...manifest, commits: log, leases: [] });
    const { tiles, compositors, regions } = manifest;
    return await staged.moveIn(
      { log: log.length, tiles: tiles.size, compositors: compositors.size, regions: regions.size },
      { format: FORMATS[newestFeature(log, manifest)], replace: false },
    );
  } finally {
    // Else a failed refill leaves a second map in Redis for a minute. If this fails, too, the keys expire.
    await staged.discard().catch(() => undefined);
  }
}
