import type { Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { Fleet } from './fleet.ts';
import { Street } from './street.ts';

/** Milliseconds for what takes ten seconds and a little on a machine that does nothing else. */
export const CEILING = 45_000;
const ARGS = ['--connect-interval=1'];

/** Replicas that have connected to so many compositors. */
export async function settle(t: Test, count: number, replicas: number) {
  const fleet = await Fleet.start(t, { replicas, args: ARGS });
  const street = await Street.start(t, count);
  for (let from = 0; from < count; from += 20)
    await Promise.all(
      street.ids.slice(from, from + 20).map(async (id, i) => {
        const url = fleet.urls[i % replicas]!;
        t.equal((await send('PUT', `${url}/compositors/${id}`, street.describe(id))).status, 201);
      }),
    );
  await connected(fleet, count);
  return { fleet, street };
}

/** All have a link, on all replicas, and the head stands still. */
export async function connected(fleet: Fleet, count: number): Promise<void> {
  const all = async (url: string) => {
    const { body } = await send('GET', `${url}/compositors?status=connected&limit=1000`);
    return body.items.length === count;
  };
  for (const url of fleet.urls) await eventually(() => all(url), `${count} are connected at ${url}`, CEILING);
}

/** Which compositors each replica holds, as Redis has it. */
export async function holders(fleet: Fleet): Promise<Map<string, string[]>> {
  const claims = Object.entries(await fleet.client.hgetall('{compositord}:claims'));
  const held = new Map<string, string[]>();
  for (const [id, text] of claims) {
    const holder = text.split(' ')[1]!;
    held.set(holder, [...(held.get(holder) ?? []), id]);
  }
  return held;
}

export const head = async (url: string) =>
  (await send('GET', `${url}/manifest?view=0,0,0,0`)).body.cursor as string;
export const health = async (url: string, id: string) =>
  (await send('GET', `${url}/compositors/${id}/health`)).body;
