import { send } from '../support/http-client.ts';
import type { MapPage } from './map-page.ts';

/** Browsers say in the console that nobody answered; that is not the page's doing. */
export const NETWORK = /Failed to load resource|net::ERR_/;

/** Puts `brick` at 0,0. */
export async function write(url: string, brick: string): Promise<void> {
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: 3600, instance: 'test' });
  const { status } = await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': { brick } });
  if (status !== 200) throw new Error(`cannot write: ${status}`);
}

/** The page shows `brick` there. */
export const isThere = (map: MapPage, brick: string) =>
  map.until(brick, ({ bricks }) => bricks['0,0'] === brick);

/** So that a page that was loaded again can be told. */
export const mark = (map: MapPage) => map.page.evaluate('window.marked = true');
export const isMarked = (map: MapPage) => map.page.evaluate('window.marked === true');
