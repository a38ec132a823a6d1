import type { Commit } from '../../src/domain/commit.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import { requireHolder, renewed } from '../../src/domain/holder.ts';
import type { ManifestReader } from '../../src/domain/manifest-reader.ts';
import { publish, publishExactly, type TileWrite } from '../../src/domain/publishing.ts';
import { register } from '../../src/domain/registration.ts';
import { sameTile, type Tile } from '../../src/domain/tile.ts';
import { sameCompositor } from '../../src/domain/compositor.ts';
import type { Rect } from '../../src/domain/view.ts';
import { START } from './sim-clock.ts';
import type { Daemon } from './daemon.ts';
import { SimRegions } from './sim-regions.ts';
import type { World } from './world.ts';
import type { Write } from './writes.ts';

/** On both sides of where a grid's blocks meet. */
export const KEYS = ['0,0', '1,0', '30,5', '31,5', '32,5', '33,6', '-1,-1', '-33,2'];
export const RECTS: readonly Rect[] = [
  { x1: 0, y1: 0, x2: 31, y2: 5 },
  { x1: -40, y1: -2, x2: 1, y2: 3 },
];

/** One program that calls itself `id`; another may do so, too. */
export class SimCompositor {
  readonly id: string;
  readonly #world: World;
  readonly #instance: string;
  readonly #regions: SimRegions;
  #generation: string | undefined;
  #seen: Cursor | undefined;
  #renewing = false;

  constructor(world: World, id: string, instance: string) {
    this.#world = world;
    this.id = id;
    this.#instance = instance;
    this.#regions = new SimRegions(world, id);
  }

  /** Does one thing that compositors do. */
  act(daemon: Daemon): void {
    const { random, profile } = this.#world;
    const dice = random.next();
    if (profile.regions && random.chance(0.15)) this.#regions.act(daemon, this.#fence());
    else if (dice < 0.06 || (this.#generation === undefined && random.chance(0.5))) this.#register(daemon);
    else if (dice < 0.12) this.#leave(daemon);
    else if (dice < 0.3) void this.#renew(daemon);
    else if (dice < 0.42) this.#describe(daemon);
    else if (dice < 0.55) this.#put(daemon);
    else this.#patch(daemon);
  }

  #register(daemon: Daemon): void {
    const { random, profile } = this.#world;
    const mode = random.pick(['claim', 'take'] as const);
    const instance = random.chance(0.5) ? { instance: this.#instance } : {};
    const wanted = { id: this.id, name: `n${random.int(3)}`, ...instance };
    this.#send(daemon, {
      what: `register ${this.id} (${mode})`,
      send: async () => {
        const answer = await daemon.registry.register(wanted, mode);
        this.#generation = answer.lease.generation;
        return answer;
      },
      isNoop: (manifest) => {
        const generation = manifest.compositor(this.id)?.generation ?? '';
        const options = { mode, generation, ttl: profile.ttl, now: 0 };
        return sameCompositor(register(manifest, wanted, options).entry, manifest.compositor(this.id));
      },
      unique: false,
      isIn: (commit) => commit.by === this.id && commit.patch.compositors.get(this.id)?.name === wanted.name,
    });
  }

  #leave(daemon: Daemon): void {
    const generation = this.#fence();
    this.#send(daemon, {
      what: `leave ${this.id}`,
      send: () => daemon.registry.leave(this.id, { generation }),
      isNoop: (manifest) => {
        requireHolder(manifest, this.id, generation);
        return false;
      },
      unique: false,
      isIn: (commit) => commit.by === this.id && commit.patch.compositors.get(this.id) === null,
    });
  }

  #describe(daemon: Daemon): void {
    const generation = this.#fence();
    const version = `v${this.#world.random.int(4)}`;
    this.#send(daemon, {
      what: `describe ${this.id} as ${version}`,
      send: () => daemon.registry.describe(this.id, { version }, { generation }),
      isNoop: (manifest) => {
        const entry = requireHolder(manifest, this.id, generation);
        return entry.version === version && (generation === undefined || entry.staleAt === undefined);
      },
      unique: false,
      isIn: (commit) => commit.patch.compositors.get(this.id)?.version === version,
    });
  }

  #patch(daemon: Daemon): void {
    const writes = this.#tiles();
    const generation = this.#fence();
    this.#publish(daemon, {
      what: `patch ${this.id} ${words(writes)}`,
      generation,
      writes,
      send: () => daemon.publisher.patch(this.id, writes, { generation }),
      tiles: (manifest, seconds) => publish(manifest, this.id, writes, seconds),
    });
  }

  #put(daemon: Daemon): void {
    const { random } = this.#world;
    const rect = random.chance(0.5) ? random.pick(RECTS) : undefined;
    const inside = this.#tiles((key) => {
      const [x, y] = key.split(',').map(Number) as [number, number];
      return !rect || (x >= rect.x1 && x <= rect.x2 && y >= rect.y1 && y <= rect.y2);
    });
    const writes = new Map([...inside].filter((entry): entry is [string, TileWrite] => entry[1] !== null));
    const generation = this.#fence();
    this.#publish(daemon, {
      what: `put ${this.id} ${words(writes)}`,
      generation,
      writes,
      send: () => daemon.publisher.put(this.id, writes, rect, { generation }),
      tiles: (manifest, seconds) => publishExactly(manifest, this.id, writes, seconds, rect),
    });
  }

  #publish(
    daemon: Daemon,
    options: {
      what: string;
      generation: string | undefined;
      writes: ReadonlyMap<string, TileWrite | null>;
      send: () => Promise<{ cursor: Cursor; changed: number }>;
      tiles: (manifest: ManifestReader, seconds: number) => Map<string, Tile | null>;
    },
  ): void {
    const { what, generation, writes, tiles } = options;
    // A little in the past, for the daemons' clocks differ: where a timestamp is left out, a tile may just be too new.
    const seconds = (START + this.#world.agenda.now - 250) / 1000;
    const bricks = [...writes].filter(([, write]) => write?.brick.startsWith('only'));
    this.#send(daemon, {
      what,
      send: async () => {
        const answer = await options.send();
        this.#seen = answer.cursor;
        return answer;
      },
      isNoop: (manifest) => {
        const entry = requireHolder(manifest, this.id, generation);
        const wanted = tiles(manifest, seconds);
        return (
          renewed(entry) === entry && [...wanted].every(([key, tile]) => sameTile(tile, manifest.tile(key)))
        );
      },
      unique: bricks.length > 0,
      isIn: (commit: Commit) =>
        commit.by === this.id &&
        bricks.every(([key, write]) => commit.patch.tiles.get(key)?.brick === write?.brick),
    });
  }

  async #renew(daemon: Daemon): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      await daemon.registry.renew(this.id, this.#fence(), this.#seen);
    } catch {
      // Checked by what becomes of the lease, not by the answer.
    } finally {
      this.#renewing = false;
    }
  }

  /** Mostly one's own generation. */
  #fence(): string | undefined {
    return this.#world.random.chance(0.3) ? undefined : this.#generation;
  }

  #tiles(allowed: (key: string) => boolean = () => true): Map<string, TileWrite | null> {
    const { random, agenda } = this.#world;
    const writes = new Map<string, TileWrite | null>();
    // One that no other write brings: by it a commit is known again.
    const first = random.pick(KEYS);
    if (allowed(first)) writes.set(first, { brick: `only${this.#world.nextBrick()}` });
    for (let n = random.int(4); n > 0; n--) {
      const key = random.pick(KEYS);
      if (!allowed(key) || writes.has(key)) continue;
      if (random.chance(0.3)) writes.set(key, null);
      else if (random.chance(0.5)) writes.set(key, { brick: random.pick(['x', 'y']) });
      else writes.set(key, { brick: 'z', timestamp: 1_700_000_000 + Math.floor(agenda.now / 500) });
    }
    if (random.chance(0.3)) writes.delete(first);
    return writes;
  }

  #send(daemon: Daemon, write: Omit<Write, 'send'> & { send: () => ReturnType<Write['send']> }): void {
    void this.#world.writes.send(write, daemon);
  }
}

function words(writes: ReadonlyMap<string, TileWrite | null>): string {
  return [...writes].map(([key, write]) => `${key}=${write ? write.brick : 'null'}`).join(' ');
}
