import type { RedisAddress } from './store-address.ts';

/** How connections to Redis log in, and what TLS trusts and presents: the settings `redis`. Each file is read anew for each connection. */
export interface RedisAccess {
  readonly passwordFile?: string;
  /** Certificates of the authorities that are trusted; without it, those that Node trusts. */
  readonly ca?: string;
  /** The client's own certificate, with those between it and its authority. */
  readonly cert?: string;
  readonly key?: string;
  /** What certificates must name, instead of the host that is connected to. */
  readonly serverName?: string;
  readonly sentinel?: {
    readonly user?: string;
    readonly passwordFile?: string;
    /** Whether sentinels are asked over TLS; when left out, as the address says of the servers. */
    readonly tls?: boolean;
  };
}

/** A deployment of Redis as the settings describe it. */
export interface RedisDeployment {
  readonly address: RedisAddress;
  readonly access?: RedisAccess | undefined;
}

/** Whether its sentinels are asked over TLS. */
export function sentinelsUseTls({ address, access }: RedisDeployment): boolean {
  return address.kind === 'sentinel' && (access?.sentinel?.tls ?? address.tls);
}

/** The password in a file; editors and `echo` end the file with a newline that is no part of it. */
export function passwordIn(text: string): string {
  return text.replace(/\r?\n$/, '');
}
