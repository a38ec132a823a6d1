import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { KeeperFile } from '../adapters/keeper-file.ts';
import { ManifestFile } from '../adapters/manifest-file.ts';
import type { Backend } from '../backend.ts';
import { FileFollower } from '../services/tile-file/file-follower.ts';
import { FileKeeper } from '../services/tile-file/file-keeper.ts';
import { FileStates } from '../services/tile-file/file-state.ts';
import { KeeperClaim } from '../services/tile-file/keeper-claim.ts';
import { ReadIn } from '../services/tile-file/read-in.ts';
import { TileFile } from '../services/tile-file/tile-file.ts';
import type { Context } from './context.ts';
import type { ManifestServices } from './manifest.ts';

/** Bytes of a file that is read, at most, and as a part of the heap: its tiles take some times as much until they are compared. */
const MOST_BYTES = 256 * 2 ** 20;
const PART_OF_HEAP = 1 / 16;

/** InfiniteMap's file on the disk; undefined where none is kept. */
export function startTileFile(
  context: Context,
  { claims, peerBus, secret }: Pick<Backend, 'claims' | 'peerBus' | 'secret'>,
  { replica, documents, quotas }: ManifestServices,
): TileFile | undefined {
  const { config, clock, log, memory, work, onClose } = context;
  const { manifestFile, manifestFileOwner: owner, name } = config.settings;
  if (manifestFile === undefined) return undefined;
  const path = resolve(manifestFile);
  const { self } = peerBus;
  const { copy } = replica;
  const most = Math.floor(Math.min(MOST_BYTES, memory.limit * PART_OF_HEAP));
  const file = new ManifestFile({ path, most });
  // All replicas on one store have it in common, and nobody else has it.
  const deployment = async () =>
    createHash('sha256')
      .update('manifest file')
      .update(await secret())
      .digest('hex');
  const notes = new KeeperFile({ path, self });
  const claim = new KeeperClaim({ notes, clock, deployment, self, name });
  const states = new FileStates({ peerBus, clock, log });
  const follower = new FileFollower({ copy, clock, work, owner });
  const readIn = new ReadIn({ replica, follower, quotas, work, owner });
  const keeper = new FileKeeper({ file, claim, states, follower, readIn, copy, documents, clock, work });
  const tileFile = new TileFile({ keeper, states, file, copy, claims, peerBus, clock, log });
  onClose(() => tileFile.stop());
  tileFile.start();
  return tileFile;
}
