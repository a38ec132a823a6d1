import type { Area } from '../domain/area.ts';
import type { Region } from '../domain/region.ts';
import type { Tile } from '../domain/tile.ts';
import type { View } from '../domain/view.ts';
import { areaFault, compositorFault, regionFault, tileFault, type Entries } from './entry-checks.ts';

/** The entries that a reader holds. */
export class HeldEntries {
  readonly compositors = new Map<string, { id?: unknown }>();
  readonly regions = new Map<string, Region>();
  readonly tiles = new Map<string, Tile>();
  /** Of an overview, instead of tiles. */
  readonly areas = new Map<string, Area>();

  /** Takes in the entries of an event of `view`, and passes a line to `fault` for each that is wrong and left out. */
  apply(entries: Entries, view: View, fault: (description: string) => void): void {
    const { compositors, regions = {}, tiles = {}, areas = {} } = entries;
    const applyTo = <T>(copy: Map<string, T>, changes: Record<string, T | null>, faultOf: FaultOf<T>) => {
      for (const [name, entry] of Object.entries(changes)) {
        const description = faultOf(name, entry, view);
        if (description !== undefined) fault(description);
        else if (entry === null) copy.delete(name);
        else copy.set(name, entry);
      }
    };
    applyTo(this.compositors, compositors, compositorFault);
    applyTo(this.regions, regions, regionFault);
    applyTo(this.tiles, tiles, tileFault);
    applyTo(this.areas, areas, areaFault);
  }

  clear(): void {
    for (const map of [this.compositors, this.regions, this.tiles, this.areas]) map.clear();
  }
}

type FaultOf<T> = (name: string, entry: T | null, view: View) => string | undefined;
