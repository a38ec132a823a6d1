import { revisionOf } from '../../domain/cursor.ts';
import { leaseKey } from '../../domain/lease.ts';
import { composeInto, emptyPatch } from '../../domain/patch.ts';
import type { Batch } from '../../domain/store.ts';
import { FORMAT } from './keys.ts';
import { encodeEntry, REFUSAL_BYTES } from './commit-log.ts';

/** `ARGV` of commit.lua; `turn` in milliseconds. */
export function commitArguments(batch: Batch, name: string, turn: number): (string | number)[] {
  const patch = batch.commits.reduce((all, commit) => composeInto(all, commit.patch), emptyPatch());
  const tiles = split(patch.tiles);
  const compositors = split(patch.compositors);
  const head = revisionOf(batch.commits.at(-1)?.cursor ?? batch.expect);
  const counts = [
    batch.commits.length,
    tiles.set.length / 2,
    tiles.gone.length,
    compositors.set.length / 2,
    compositors.gone.length,
    batch.grants.length,
    batch.drops.length,
    batch.expired.length,
  ];
  return [
    FORMAT,
    batch.expect,
    name,
    turn,
    // Never the newest: without it nothing says what the head holds. And no id that Redis would refuse half way.
    Math.max(0, Math.min(batch.keepFrom, head)),
    REFUSAL_BYTES,
    counts.join(' '),
    ...batch.commits.flatMap(encodeEntry),
    ...tiles.set,
    ...tiles.gone,
    ...compositors.set,
    ...compositors.gone,
    ...batch.grants.flatMap((lease) => [leaseKey(lease), lease.ttl * 1000]),
    ...batch.drops.map(leaseKey),
    ...batch.expired.map(leaseKey),
  ];
}

function split(entries: ReadonlyMap<string, unknown>): { set: string[]; gone: string[] } {
  const set: string[] = [];
  const gone: string[] = [];
  for (const [key, value] of entries) {
    if (value === null) gone.push(key);
    else set.push(key, JSON.stringify(value));
  }
  return { set, gone };
}
