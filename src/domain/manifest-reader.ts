import type { Compositor } from './compositor.ts';
import type { Digest } from './digest.ts';
import type { Region } from './region.ts';
import type { Tile } from './tile.ts';
import type { Holdings, Usage } from './usage.ts';
import type { Rect } from './view.ts';

/** What a rule may ask of a manifest, be it the live one or one with uncommitted changes on top. */
export interface ManifestReader {
  compositor(id: string): Compositor | undefined;
  tile(key: string): Tile | undefined;
  region(id: string): Region | undefined;
  /** Those that touch `rect` (all without one). */
  regionsIn(rect?: Rect): Iterable<readonly [string, Region]>;
  compositors(): Iterable<readonly [string, Compositor]>;
  /** The keys of all tiles that `id` owns, inside `rect` if given. */
  tilesOf(id: string, rect?: Rect): Iterable<string>;
  readonly digest: Digest;
  /** What all entries take up. */
  readonly usage: Usage;
  /** What the compositor `id` and its tiles take up. */
  usageOf(id: string): Usage;
  /** What the tiles of `id` come to. */
  holdings(id: string): Holdings;
}
