import { DomainError, type FieldError } from '../../domain/errors.ts';
import { principalOf, renewalOf, requireHolder, renewed, type Writer } from '../../domain/holder.ts';
import { publishTogether } from '../../domain/publish-together.ts';
import {
  publish,
  publishEach,
  publishExactly,
  type TileWrite,
  type TileWrites,
} from '../../domain/publishing.ts';
import type { ManifestReader } from '../../domain/manifest-reader.ts';
import { patchOf, type Patch } from '../../domain/patch.ts';
import type { QuotaSettings } from '../../domain/quota.ts';
import type { Principal } from '../../domain/token.ts';
import type { Rect } from '../../domain/view.ts';
import type { Written } from '../manifest/plan.ts';
import type { Replica } from '../manifest/replica.ts';

/** What compositors write: their tiles. Every write speaks for the compositor, so it renews its lease. */
export class Publisher {
  readonly #replica: Replica;
  readonly #quotas: QuotaSettings;

  constructor(options: { replica: Replica; quotas: QuotaSettings }) {
    this.#replica = options.replica;
    this.#quotas = options.quotas;
  }

  /** Changes the named tiles; null removes. Throws not-found, lease-lost, tile-taken, region-taken, quota-exceeded, forbidden, invalid-request. */
  patch(id: string, writes: TileWrites, writer: Writer = {}): Promise<Written> {
    return this.#write(id, writer, (manifest, now, principal) =>
      publish(manifest, id, writes, now, principal),
    );
  }

  /** {@link patch}, each tile on its own: resolves to those that were rejected and why. Throws not-found, lease-lost, quota-exceeded. */
  async patchEach(id: string, writes: TileWrites, writer: Writer = {}): Promise<FieldError[]> {
    let rejected: FieldError[] = [];
    await this.#write(id, writer, (manifest, now, principal) => {
      // Planned again when another replica was first: the last plan counts.
      const plan = publishEach(manifest, id, writes, now, principal);
      rejected = plan.rejected;
      return plan.tiles;
    });
    return rejected;
  }

  /**
   * {@link patch} for several requests in a row, in one commit: each succeeds or fails alone. Resolves to what came of each, in
   * order: what was written, or the error that `patch` would throw. Throws what concerns all of them: not-found, lease-lost.
   */
  async patchTogether(
    id: string,
    requests: readonly TileWrites[],
    writer: Writer = {},
  ): Promise<(Written | DomainError)[]> {
    let outcomes: (number | DomainError)[] = [];
    try {
      const { cursor } = await this.#write(id, writer, (manifest, now, principal) => {
        // Planned again when another replica was first: the last plan counts.
        const plan = publishTogether(manifest, id, requests, now, principal);
        outcomes = plan.outcomes;
        return plan.tiles;
      });
      return outcomes.map((changed) => (changed instanceof DomainError ? changed : { cursor, changed }));
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'quota-exceeded') throw error;
      if (requests.length === 1) return [error];
    }
    // Together they exceed a quota; some of them may be within it.
    const results = [];
    for (const writes of requests)
      results.push(
        await this.patch(id, writes, writer).catch((error: unknown) => {
          if (error instanceof DomainError) return error;
          throw error;
        }),
      );
    return results;
  }

  /** Makes `writes` exactly the tiles of `id`, or of `id` within `rect`. */
  put(
    id: string,
    writes: ReadonlyMap<string, TileWrite>,
    rect: Rect | undefined,
    writer: Writer = {},
  ): Promise<Written> {
    return this.#write(id, writer, (manifest, now, principal) =>
      publishExactly(manifest, id, writes, now, rect, principal),
    );
  }

  async #write(
    id: string,
    writer: Writer,
    plan: (manifest: ManifestReader, seconds: number, principal: Principal | undefined) => Patch['tiles'],
  ): Promise<Written> {
    const { cursor, changed } = await this.#replica.submit((manifest, now) => {
      const entry = requireHolder(manifest, id, writer.generation);
      const principal = principalOf(writer, entry);
      const tiles = plan(manifest, now / 1000, principal);
      const compositors = new Map([[id, renewed(entry)]]);
      return {
        patch: patchOf({ compositors, tiles }),
        by: id,
        principal: principal?.name,
        limits: { settings: this.#quotas, principal },
        grants: renewalOf(entry),
        result: undefined,
      };
    });
    return { cursor, changed };
  }
}
