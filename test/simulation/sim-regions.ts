import type { Cursor } from '../../src/domain/cursor.ts';
import { requireHolder, renewed } from '../../src/domain/holder.ts';
import type { ManifestReader } from '../../src/domain/manifest-reader.ts';
import { makeRegion, type Region } from '../../src/domain/region.ts';
import { requireRegion, requireRoom, type Reservation } from '../../src/domain/reserving.ts';
import { formatRect, type Rect } from '../../src/domain/view.ts';
import type { Daemon } from './daemon.ts';
import { KEYED } from './region-rules.ts';
import type { World } from './world.ts';

/** Some touch, some have tiles of several blocks in them, and some none. */
const RECTS: readonly Rect[] = [
  { x1: 31, y1: 5, x2: 33, y2: 6 },
  { x1: 33, y1: 6, x2: 40, y2: 9 },
  { x1: -1, y1: -1, x2: 0, y2: 0 },
  { x1: -40, y1: 1, x2: -20, y2: 3 },
];

/** What one program does with regions. */
export class SimRegions {
  readonly #world: World;
  readonly #compositor: string;
  /** Ids and purposes of those that it was given, the newest last. */
  readonly #held: { readonly id: string; readonly purpose: string }[] = [];

  constructor(world: World, compositor: string) {
    this.#world = world;
    this.#compositor = compositor;
  }

  /** Reserves a region, or renews or releases one that it has, or had. */
  act(daemon: Daemon, generation: string | undefined): void {
    const { random } = this.#world;
    const held = this.#held.length > 0 ? random.pick(this.#held.slice(-3)) : undefined;
    const dice = random.next();
    if (!held || dice < 0.4) this.#reserve(daemon, generation);
    else if (dice < 0.8) void this.#renew(daemon, held.id, generation);
    else this.#release(daemon, held, generation);
  }

  #reserve(daemon: Daemon, generation: string | undefined): void {
    const { random, profile, writes } = this.#world;
    const key = random.chance(0.4) ? random.int(2) : undefined;
    const wanted: Reservation = {
      compositor: this.#compositor,
      // A repeat with a key is the same request.
      rect: key === undefined ? random.pick(RECTS) : RECTS[key]!,
      exclusive: key === undefined ? random.chance(0.7) : key === 0,
      purpose: key === undefined ? `only${this.#world.nextBrick()}` : `${KEYED}${key}`,
      ttl: profile.ttl,
    };
    const purpose = wanted.purpose!;
    const write = {
      what: `reserve ${formatRect(wanted.rect)} for ${this.#compositor} (${purpose})`,
      send: async () => {
        const answer = await daemon.regions.reserve(
          wanted,
          { generation },
          key === undefined ? key : String(key),
        );
        this.#held.push({ id: answer.region.id, purpose });
        return answer;
      },
      isNoop: (manifest: ManifestReader) => {
        const holder = requireHolder(manifest, this.#compositor, generation);
        if (key !== undefined && this.#has(manifest, purpose)) return renewed(holder) === holder;
        requireRoom(manifest, this.#regionOf(wanted));
        return false;
      },
      unique: key === undefined,
      // What a repeat with a key changes is the compositor alone: it is stale no more.
      isIn: ({ by, patch }: { by: string; patch: { regions: ReadonlyMap<string, Region | null> } }) =>
        by === this.#compositor &&
        (key !== undefined || [...patch.regions.values()].some((region) => region?.purpose === purpose)),
    };
    void writes.send(write, daemon);
  }

  #release(
    daemon: Daemon,
    { id, purpose }: { readonly id: string; readonly purpose: string },
    generation: string | undefined,
  ): void {
    const write = {
      what: `release ${purpose} of ${this.#compositor}`,
      send: (): Promise<{ cursor: Cursor; changed: number }> => daemon.regions.release(id, { generation }),
      isNoop: (manifest: ManifestReader) => {
        const region = requireRegion(manifest, id);
        requireHolder(manifest, region.compositor, generation);
        return false;
      },
      unique: false,
      isIn: ({ by, patch }: { by: string; patch: { regions: ReadonlyMap<string, Region | null> } }) =>
        by === this.#compositor && patch.regions.get(id) === null,
    };
    void this.#world.writes.send(write, daemon);
  }

  async #renew(daemon: Daemon, id: string, generation: string | undefined): Promise<void> {
    try {
      await daemon.regions.renew(id, { generation });
    } catch {
      // Checked by what becomes of the lease, not by the answer.
    }
  }

  #has(manifest: ManifestReader, purpose: string): boolean {
    return Array.from(manifest.regionsIn()).some(
      ([, region]) => region.compositor === this.#compositor && region.purpose === purpose,
    );
  }

  #regionOf({ rect, compositor, purpose = '', exclusive = true, ttl = 0 }: Reservation): Region {
    return makeRegion({ rect: formatRect(rect), compositor, purpose, exclusive, ttl, generation: '' });
  }
}
