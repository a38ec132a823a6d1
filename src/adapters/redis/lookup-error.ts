import type { RedisNode } from '../../domain/store-address.ts';

/** A sentinel, or a node of a cluster, did not say where the server is; `cause` says why. */
export class LookupError extends Error {
  readonly kind: 'sentinel' | 'node';
  /** `its sentinel 10.0.0.7:26379`. */
  readonly of: string;

  constructor(kind: 'sentinel' | 'node', { host, port }: RedisNode, cause: unknown) {
    const of = `its ${kind} ${host.includes(':') ? `[${host}]` : host}:${port}`;
    super(`${of} does not help`, { cause });
    this.kind = kind;
    this.of = of;
  }
}
