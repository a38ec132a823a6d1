import type { Test } from 'tap';
import { connect, type ConnectOptions } from '../../src/client/connect.ts';
import type { Subscription } from '../../src/client/subscription.ts';
import { send } from '../support/http-client.ts';

/** A subscription that ends with its test. */
export function follow(t: Test, options: ConnectOptions, by = connect): Subscription {
  const subscription = by({ maxRetry: 500, ...options });
  t.teardown(() => subscription.close());
  return subscription;
}

/** The states from now on, and what went wrong. */
export function hear(map: Subscription): { states: string[]; problems: string[]; removed: string[] } {
  const heard = { states: [] as string[], problems: [] as string[], removed: [] as string[] };
  map.on('state', (state) => heard.states.push(state));
  map.on('problem', ({ kind }) => heard.problems.push(kind));
  map.on('remove', (key) => heard.removed.push(key));
  return heard;
}

/** Resolves as soon as `holds`; it is asked again at each event. */
export async function until(
  subscription: Subscription,
  holds: (subscription: Subscription) => boolean,
  what = 'what it waits for',
  ceilingMs = 30_000,
): Promise<void> {
  if (holds(subscription)) return;
  const offs: (() => void)[] = [];
  let late: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const check = () => holds(subscription) && resolve();
      for (const event of ['change', 'synced', 'state', 'problem'] as const)
        offs.push(subscription.on(event, check));
      const { state, cursor, tiles } = subscription;
      late = setTimeout(
        () => reject(new Error(`no ${what}: ${JSON.stringify({ state, cursor, tiles: tiles.size })}`)),
        ceilingMs,
      );
    });
  } finally {
    clearTimeout(late);
    for (const off of offs) off();
  }
}

/** Resolves when it is live at `cursor` or later. */
export async function reached(subscription: Subscription, cursor: string): Promise<void> {
  const isThere = () =>
    subscription.state === 'live' && parseInt(subscription.cursor ?? '0') >= parseInt(cursor);
  await until(subscription, isThere, `sight of ${cursor}`);
}

/** It holds exactly what the daemon says that the manifest was at its cursor. */
export async function isExact(t: Test, subscription: Subscription, url: string, more = ''): Promise<void> {
  const view = subscription.view === null ? '' : `&view=${subscription.view}`;
  const { status, body } = await send(
    'GET',
    `${url}/manifest?at=${subscription.cursor ?? 'none'}${view}${more}`,
  );
  t.equal(status, 200, 'its cursor is known');
  t.strictSame(sorted(subscription.tiles), sorted(Object.entries(body.tiles)), 'tiles');
  t.strictSame(sorted(subscription.compositors), sorted(Object.entries(body.compositors)), 'compositors');
}

function sorted(entries: Iterable<readonly [string, unknown]>): (readonly [string, unknown])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
