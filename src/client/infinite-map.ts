import { connect, type ConnectOptions } from './connect.ts';
import type { Tile } from './entry.ts';
import type { Subscription } from './subscription.ts';

/** What is used of Geometry OS's InfiniteMap. */
export interface InfiniteMapLike {
  /** Draws a brick in a cell, or other content in a cell that has some. */
  loadTile(x: number, y: number, brick: string, timestamp: number): unknown;
  /** What is drawn, by `"x,y"`. */
  tiles?: Map<string, { sprite?: object; timestamp?: number }>;
  /** What holds the sprites. */
  world?: { removeChild?(sprite: object): unknown };
  removeTile?(x: number, y: number): unknown;
  checkUpdates?: () => unknown;
  handleTileUpdate?: (message: never) => unknown;
  hideLoadingIndicator?(): unknown;
}

export interface AttachOptions<M> extends ConnectOptions {
  /** Ends what the map does by itself to stay up to date; by default its polling and its tiles by WebSocket. */
  readonly stop?: (map: M) => void;
  /** Takes a tile off the map; by default its sprite, or what `removeTile` does. */
  readonly remove?: (map: M, x: number, y: number, before: Tile) => unknown;
}

/**
 * Makes an InfiniteMap that is there follow the manifest: what it polled for comes by itself, and what is removed goes. Cells
 * load one after the other as the map does it, a cell never twice at once, and the last content wins.
 */
export function attachInfiniteMap<M extends InfiniteMapLike>(
  map: M,
  options: AttachOptions<M>,
): Subscription {
  (options.stop ?? stopPolling)(map);
  const subscription = connect(options);
  const busy = new Set<string>();

  /** Brings a cell to what the manifest says, in as many steps as it takes: loading is slow, and may be overtaken. */
  const settle = async (key: string, gone?: Tile): Promise<void> => {
    if (busy.has(key)) return;
    busy.add(key);
    const [x, y] = key.split(',').map(Number) as [number, number];
    let drawn: Tile | undefined = gone;
    for (;;) {
      const tile = subscription.tiles.get(key);
      if (tile === drawn || subscription.state === 'closed') break;
      try {
        if (tile) await map.loadTile(x, y, tile.brick, tile.timestamp);
        else await (options.remove ?? removeSprite)(map, x, y, drawn!);
      } catch {
        // A brick that cannot be drawn is the map's to show; the next content of the cell is tried again.
      }
      drawn = tile;
    }
    busy.delete(key);
  };

  subscription.on('tile', (key, tile, before) => {
    // What the map has drawn by itself before need not be drawn again.
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

/** Its loops go on and call what does nothing now; its socket stays for the camera. */
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
