import type { Tile } from 'compositord-client';
import { publish, type Publication } from 'compositord-client/publish';

export const url: string = import.meta.env.VITE_COMPOSITORD ?? 'http://127.0.0.1:8760';

const id = `react-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`;
let own: Publication | undefined;

/** Puts a tile of this page into an empty cell, or takes it away. This page is a compositor from the first click on, until it is closed. */
export async function toggle(key: string, tile: Tile | undefined): Promise<void> {
  own ??= publish({ url, id, name: 'React page', platform: 'browser' });
  await own.tiles({ [key]: tile?.compositor === id ? null : { brick: 'react.rts.png' } });
}

addEventListener('pagehide', (event) => event.persisted || void own?.close());
