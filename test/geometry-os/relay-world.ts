import type { Test } from 'tap';
import type { ClientOptions } from 'ws';
import { build, type BuildOptions } from '../support/build.ts';
import { TileClient } from '../support/tile-client.ts';

/** A daemon, and browsers at its socket that hear no heartbeats but answers. */
export async function start(t: Test, options: BuildOptions = {}) {
  const { settings, ...rest } = options;
  const built = await build(t, {
    ...rest,
    settings: { stream: { heartbeat: 300 }, connect: { interval: 0.2 }, ...settings },
  });
  const url = await built.app.listen();
  const socket = `${url.replace('http', 'ws')}/manifest/socket`;
  return {
    ...built,
    url,
    socket,
    browser: (query = '', options: ClientOptions = {}) => TileClient.open(t, socket + query, options),
  };
}

/** A camera as one of their parts sends it, another for each `n`. */
export const camera = (n: number) => ({
  type: 'camera_update',
  x: 819_200 + n,
  y: -4.5,
  zoom: 0.5,
  timestamp: 1_234_567_890,
});
/** Texts that would be others if they were read and written again. */
export const LITERAL = [
  '18446744073709551615',
  '1.0',
  '1e400',
  '-0',
  '0.1000',
  '"\\u00e9\\ud83d\\uDE00\\/"',
  '{"a":1,"a":2.0}',
  ' [ 1.0 , { "type" : "tile_update" } ]',
].map((id) => `{"type":"WindowUpdate","id":${id},"x":1.0}`);
/** Resolves when the browser has heard `message`. */
export const hears = (browser: TileClient, message: object) =>
  browser.until(
    ({ messages }) => messages.some((each) => JSON.stringify(each) === JSON.stringify(message)),
    JSON.stringify(message),
  );

/** The messages that were not passed on, by type and reason. */
export async function droppedIn(
  inject: Awaited<ReturnType<typeof build>>['inject'],
  headers = {},
): Promise<Record<string, number>> {
  const { text } = await inject({ url: '/metrics', headers });
  const lines = text.matchAll(/^compositord_relay_dropped_total\{type="(\w+)",reason="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries(
    [...lines].map(([, type, reason, count]) => [`${type} ${reason}`, Number(count)]),
  );
}
