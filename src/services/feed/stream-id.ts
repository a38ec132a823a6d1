import { randomFillSync } from 'node:crypto';

const BYTES = 16;
/** Random bytes for many ids: to get so few at a time would take as long as to route a request. */
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

/** An id that nobody can guess: it tells which replica has the stream, and whoever knows it has read the stream. */
export function newStreamId(replica: string): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return `${replica}.${pool.toString('base64url', used - BYTES, used)}`;
}

/** The name of the replica that has the stream; undefined for what is no id of a stream. */
export function replicaOfStream(id: string): string | undefined {
  return /^([^.]+)\.[\w-]{22}$/.exec(id)?.[1];
}
