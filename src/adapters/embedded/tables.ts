import { open, type Database, type RootDatabase } from 'lmdb';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import type { StoreFeature } from '../../domain/store-feature.ts';
import { FILE_MODE } from './private-files.ts';

/** The layouts of the folder. One begins with the first commit that an older compositord would misread. */
export const FORMATS: Readonly<Record<StoreFeature, number>> = { none: 1, withdrawals: 2, regions: 3 };
export const NEWEST_FORMAT = Math.max(...Object.values(FORMATS));

/** What the embedded store keeps, one LMDB database each. */
export interface Tables {
  readonly root: RootDatabase;
  /** Revision -> the commit, as `encodeCommit` writes it. */
  readonly log: Database<string, number>;
  /** Tile key -> the tile as `domain/stored-tile.ts` says. Those of withdrawn compositors are swept later. */
  readonly tiles: Database<string, string>;
  /** Id -> the compositor as JSON. */
  readonly compositors: Database<string, string>;
  /** Id -> the region as JSON. */
  readonly regions: Database<string, string>;
  /** Id of a withdrawn compositor -> the cursor of the commit that withdrew it, while tiles from before may lie in `tiles`. */
  readonly withdrawn: Database<string, string>;
  /** Lease member -> deadline, milliseconds since 1970. */
  readonly leases: Database<number, string>;
  /** Id of a compositor -> which replica holds its connector, and until when, milliseconds since 1970. */
  readonly claims: Database<[holder: string, deadline: number], string>;
  /** `format`: a number; `head`: the newest cursor, so that comparing it needs no decoding of the newest commit. */
  readonly meta: Database<string | number, string>;
}

/**
 * Pages. LMDB reads its list of free pages and writes it back in every transaction; with lmdb-js's own limits (50,000)
 * a commit after large changes cost 11 to 15 ms of CPU where it now costs 1, and the file grew no less. The option is
 * missing from lmdb-js's types.
 */
const FREE_SPACE = { maxFreeSpaceToLoad: 1000, maxFreeSpaceToRetain: 2000 };

/** Another option that the types lack: by default, everybody on the machine may read the file. */
const PRIVATE = { permissionsMode: FILE_MODE };

/** Opens, and creates where needed, the databases in a folder that exists. `mapSize` in bytes; the map grows by itself. */
export function openTables(path: string, mapSize?: number): Tables {
  const root = open({
    path,
    // A dot in the folder's name would make lmdb-js take it for a file.
    noSubdir: false,
    // The default resolves a write before it is on the disk, and shows it to readers: a power cut could then take
    // back what was answered 2xx, or what another process already sent on. This way a transaction is seen, and its
    // promise resolved, only after the fsync. Transactions that arrive meanwhile share the next one, so throughput
    // hardly suffers.
    overlappingSync: false,
    // With batching by event turn, lmdb-js makes one more promise per batch, which no code can reach: when the disk is
    // full it rejects unhandled, and Node ends the process.
    eventTurnBatching: false,
    encoding: 'string',
    ...FREE_SPACE,
    ...PRIVATE,
    ...(mapSize === undefined ? {} : { mapSize }),
  });
  const json = { encoding: 'json' } as const;
  const text = { encoding: 'string' } as const;
  return {
    root,
    log: root.openDB<string, number>('log', text),
    tiles: root.openDB<string, string>('tiles', text),
    compositors: root.openDB<string, string>('compositors', text),
    regions: root.openDB<string, string>('regions', text),
    withdrawn: root.openDB<string, string>('withdrawn', text),
    leases: root.openDB<number, string>('leases', json),
    claims: root.openDB<[string, number], string>('claims', json),
    meta: root.openDB<string | number, string>('meta', json),
  };
}

/** Keeps those out who would misread what is written from now on. Never lower: what needs a format may still be there. */
export function raiseFormat(tables: Tables, feature: StoreFeature): void {
  const before = tables.meta.get('format') as number | undefined;
  if ((before ?? 0) < FORMATS[feature]) tables.meta.putSync('format', FORMATS[feature]);
}

export function headOf(tables: Tables): Cursor {
  return (tables.meta.get('head') as Cursor | undefined) ?? GENESIS;
}
