import type { ArchiveCounts } from '../../domain/archive.ts';
import { counted } from '../layout.ts';

/** `100000 tiles of 24 compositors, 3 regions, 10000 commits`. */
export function summaryOf({ tiles, compositors, regions, commits }: ArchiveCounts): string {
  return `${counted(tiles, 'tile')} of ${counted(compositors, 'compositor')}, ${counted(regions, 'region')}, ${counted(commits, 'commit')}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.5 MiB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${UNITS[power]!}`;
}
