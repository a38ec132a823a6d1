// Everything a page or program imports: the package `compositord-client`, `compositord/client`, or `/client.js` of a daemon.
export { connect, type ConnectOptions } from './connect.ts';
export { attachInfiniteMap, type AttachOptions, type InfiniteMapLike } from './infinite-map.ts';
export type { Area, Compositor, Tile } from './entries.ts';
export type { State } from './moving-link.ts';
export type { Problem } from './stream-link.ts';
export type { Batch, Change, Events, Subscription, Synced, ViewAndZoom } from './subscription.ts';
