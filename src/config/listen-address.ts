/** Where the daemon listens. `host` has no brackets; port 0 is any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(0|[1-9][0-9]{0,4})$/;

/** `host:port` or `[IPv6]:port`; undefined when it is neither. */
export function parseListenAddress(written: unknown): ListenAddress | undefined {
  const match = typeof written === 'string' ? ADDRESS.exec(written) : null;
  if (!match) return undefined;
  const port = Number(match[3]);
  return port <= 65535 ? { host: (match[1] ?? match[2])!, port } : undefined;
}
