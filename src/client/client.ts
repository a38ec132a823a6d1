// Everything a page or program imports: the package `compositord-client`, `compositord/client`, or `/client.js` of a daemon.
export { connect, type ConnectOptions } from './connect.ts';
export { attachInfiniteMap, type AttachOptions, type InfiniteMapLike } from './infinite-map.ts';
export type { Area, Compositor, Region, Tile } from './entries.ts';
export { Refused, type FieldProblem, type ProblemDetails } from './refused.ts';
export type { Token } from './token.ts';
export type { Rect } from './view.ts';
export type { State } from './moving-link.ts';
export type { Problem } from './stream-link.ts';
export type { Change } from './changes.ts';
export type { Batch, Events, Subscription, Synced, ViewAndZoom } from './subscription.ts';
