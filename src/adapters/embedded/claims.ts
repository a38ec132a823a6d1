import type { Claim, ClaimTable } from '../../domain/claims.ts';
import type { Tables } from './tables.ts';

/** What `Claims.claim` does, at `now` (milliseconds since 1970), in the write transaction of its caller. */
export function claim(
  { claims }: Tables,
  holder: string,
  ids: readonly string[],
  ttl: number,
  now: number,
): ClaimTable {
  const table = new Map<string, Claim>();
  // Collected first: writing under an open LMDB cursor moves it.
  for (const { key, value } of [...claims.getRange()]) {
    const [who, deadline] = value;
    // No later: after the clock went back, a dead holder would keep the claim for that long.
    const until = Math.min(deadline, now + ttl);
    if (deadline <= now) claims.removeSync(key);
    else table.set(key, { holder: who, left: until - now });
    if (until < deadline) claims.putSync(key, [who, until]);
  }
  for (const id of ids) {
    if ((table.get(id)?.holder ?? holder) !== holder) continue;
    claims.putSync(id, [holder, now + ttl]);
    table.set(id, { holder, left: ttl });
  }
  return table;
}

export function release({ claims }: Tables, holder: string, ids: readonly string[]): void {
  for (const id of ids) if (claims.get(id)?.[0] === holder) claims.removeSync(id);
}
