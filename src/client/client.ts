// All that a page imports, under one name: `compositord/client`, or `/client.js` of a daemon.
export { connect, type ConnectOptions } from './connect.ts';
export { attachInfiniteMap, type AttachOptions, type InfiniteMapLike } from './infinite-map.ts';
export type { Compositor, Tile } from './entry.ts';
export type { State } from './moving-link.ts';
export type { Problem } from './stream-link.ts';
export type { Batch, Change, Events, Subscription, Synced } from './subscription.ts';
