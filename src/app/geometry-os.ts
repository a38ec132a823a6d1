import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BrickFolder } from '../adapters/brick-folder.ts';
import { fileIn, systemsOf } from '../config/geometry-os.ts';
import type { Settings } from '../config/config.ts';
import { DrawnPictures } from '../services/bricks/drawn-pictures.ts';
import { FileStreams } from '../services/bricks/file-streams.ts';
import { OwnerPictures } from '../services/bricks/owner-pictures.ts';
import { Pictures } from '../services/bricks/pictures.ts';
import type { ConnectorServices } from './connectors.ts';
import type { Context } from './context.ts';
import type { ManifestServices } from './manifest.ts';

/** Where the pictures of bricks come from, by the settings `bricks.*`. */
export function brickServices(
  { config, clock, work }: Context,
  { queries }: Pick<ManifestServices, 'queries'>,
  { proxy }: Pick<ConnectorServices, 'proxy'>,
) {
  const { from, missing, fromOwners } = config.settings.bricks;
  const isTemplate = from?.includes('://') === true;
  return {
    pictures: new Pictures({
      files: from !== undefined && !isTemplate ? new BrickFolder(from) : undefined,
      template: isTemplate ? from : undefined,
      owners: fromOwners ? new OwnerPictures({ proxy, work, clock, now: () => queries.now() }) : undefined,
      drawn: missing === 'draw' ? new DrawnPictures(work) : undefined,
    }),
    fileStreams: new FileStreams(clock),
  };
}

/** Makes the folder of the file that Geometry OS shares: a fresh clone has none, and the first of its programs to write makes it. */
export async function makeMapFolder({ geometryOs, manifestFile }: Settings): Promise<void> {
  const systems = systemsOf(geometryOs);
  if (systems === undefined || manifestFile !== fileIn(systems)) return;
  const folder = dirname(manifestFile);
  // What keeps it from being made is in `/health`, as the state of the file.
  for (const each of [dirname(folder), folder]) await mkdir(each).catch(() => undefined);
}
