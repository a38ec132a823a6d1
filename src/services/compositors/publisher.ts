import type { Cursor } from '../../domain/cursor.ts';
import type { FieldError } from '../../domain/errors.ts';
import { renewalOf, requireHolder, renewed } from '../../domain/holder.ts';
import { publish, publishEach, publishExactly, type TileWrite } from '../../domain/publishing.ts';
import type { Rect } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import type { ManifestReader } from '../../domain/manifest-reader.ts';
import type { Tile } from '../../domain/tile.ts';

/** What compositors write: their tiles. Every write speaks for the compositor, so it renews its lease. */
export class Publisher {
  readonly #replica: Replica;

  constructor(options: { replica: Replica }) {
    this.#replica = options.replica;
  }

  /** Changes the named tiles; null removes. Throws not-found, lease-lost, tile-taken, invalid-request. */
  async patch(
    id: string,
    writes: ReadonlyMap<string, TileWrite | null>,
    generation?: string,
  ): Promise<{ cursor: Cursor; changed: number }> {
    return this.#write(id, generation, (manifest, now) => publish(manifest, id, writes, now));
  }

  /** {@link patch}, each tile on its own: resolves to those that were rejected and why. Throws not-found, lease-lost. */
  async patchEach(
    id: string,
    writes: ReadonlyMap<string, TileWrite | null>,
    generation?: string,
  ): Promise<FieldError[]> {
    let rejected: FieldError[] = [];
    await this.#write(id, generation, (manifest, now) => {
      // Planned again when another replica was first: the last plan counts.
      const plan = publishEach(manifest, id, writes, now);
      rejected = plan.rejected;
      return plan.tiles;
    });
    return rejected;
  }

  /** Makes `writes` exactly the tiles of `id`, or of `id` within `rect`. */
  async put(
    id: string,
    writes: ReadonlyMap<string, TileWrite>,
    rect: Rect | undefined,
    generation?: string,
  ): Promise<{ cursor: Cursor; changed: number }> {
    return this.#write(id, generation, (manifest, now) => publishExactly(manifest, id, writes, now, rect));
  }

  async #write(
    id: string,
    generation: string | undefined,
    plan: (manifest: ManifestReader, seconds: number) => Map<string, Tile | null>,
  ): Promise<{ cursor: Cursor; changed: number }> {
    const { cursor, changed } = await this.#replica.submit((manifest, now) => {
      const entry = requireHolder(manifest, id, generation);
      const tiles = plan(manifest, now / 1000);
      const compositors = new Map([[id, renewed(entry)]]);
      return { patch: { compositors, tiles }, by: id, grants: renewalOf(entry), result: undefined };
    });
    return { cursor, changed };
  }
}
