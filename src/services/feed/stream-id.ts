import { randomBytes } from 'node:crypto';

/** An id that nobody can guess: it tells which replica has the stream, and whoever knows it has read the stream. */
export function newStreamId(replica: string): string {
  return `${replica}.${randomBytes(16).toString('base64url')}`;
}

/** The name of the replica that has the stream; undefined for what is no id of a stream. */
export function replicaOfStream(id: string): string | undefined {
  return /^([^.]+)\.[\w-]{22}$/.exec(id)?.[1];
}
