import { connect, type ConnectOptions } from './connect.ts';
import type { Tile } from './entries.ts';
import type { Subscription } from './subscription.ts';

/** The members of Geometry OS's InfiniteMap that {@link attachInfiniteMap} uses. */
export interface InfiniteMapLike {
  /** Draws a brick in a cell, and replaces what the cell shows. */
  loadTile(x: number, y: number, brick: string, timestamp: number): unknown;
  /** The drawn tiles, by `"x,y"`. */
  tiles?: Map<string, { sprite?: object; timestamp?: number }>;
  /** The container of the sprites. */
  world?: { removeChild?(sprite: object): unknown };
  removeTile?(x: number, y: number): unknown;
  checkUpdates?: () => unknown;
  handleTileUpdate?: (message: never) => unknown;
  hideLoadingIndicator?(): unknown;
}

export interface AttachOptions<M> extends ConnectOptions {
  /** Stops the map's own updates; by default its polling and the tiles it gets by WebSocket. */
  readonly stop?: (map: M) => void;
  /** Removes a tile from the map; by default with `removeTile`, or by removing its sprite. */
  readonly remove?: (map: M, x: number, y: number, before: Tile) => unknown;
}

/**
 * Makes an existing InfiniteMap follow the manifest. Changes arrive without polling, and removed tiles disappear. A cell never
 * loads twice at once; when it changes while it loads, its last content is loaded next.
 */
export function attachInfiniteMap<M extends InfiniteMapLike>(
  map: M,
  options: AttachOptions<M>,
): Subscription {
  const { stop = stopPolling, remove = removeSprite, ...rest } = options;
  const subscription = connect(rest);
  stop(map);
  const loading = new Set<string>();

  /** Loads a cell until the map draws what the manifest says: the tile may change again while it loads. */
  const settle = async (key: string, before?: Tile): Promise<void> => {
    if (loading.has(key)) return;
    loading.add(key);
    const [x, y] = key.split(',').map(Number) as [number, number];
    let drawn = before;
    for (;;) {
      const tile = subscription.tiles.get(key);
      if (tile === drawn || subscription.state === 'closed') break;
      try {
        if (tile) await map.loadTile(x, y, tile.brick, tile.timestamp);
        else await remove(map, x, y, drawn!);
      } catch {
        // The map itself reports a brick that it cannot draw. The cell's next content is tried again.
      }
      drawn = tile;
    }
    loading.delete(key);
  };

  subscription.on('tile', (key, tile, before) => {
    // The map may have drawn this tile already, before it was attached.
    if (before || map.tiles?.get(key)?.timestamp !== tile.timestamp) void settle(key, before ?? undefined);
  });
  subscription.on('remove', (key, before) => void settle(key, before));
  let first = true;
  subscription.on('state', (state) => {
    if (!first || state !== 'live') return;
    first = false;
    map.hideLoadingIndicator?.();
    for (const key of map.tiles?.keys() ?? [])
      if (!subscription.tiles.has(key)) void settle(key, { brick: '', timestamp: 0, compositor: '' });
  });
  return subscription;
}

/** The map's loops go on, but call functions that do nothing. Its socket stays open for the camera. */
function stopPolling(map: InfiniteMapLike): void {
  map.checkUpdates = map.handleTileUpdate = () => undefined;
}

function removeSprite(map: InfiniteMapLike, x: number, y: number): unknown {
  if (map.removeTile) return map.removeTile(x, y);
  const key = `${x},${y}`;
  const sprite = map.tiles?.get(key)?.sprite;
  map.tiles?.delete(key);
  if (!sprite) return undefined;
  map.world?.removeChild?.(sprite);
  return (sprite as { destroy?(): unknown }).destroy?.();
}
