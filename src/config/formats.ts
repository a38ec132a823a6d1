import { isAddressRule } from '../domain/address-policy.ts';

/** Where the daemon listens. `host` has no brackets; port 0 is any free port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the daemon also listens, for WebSockets alone. */
export interface SocketAddress extends ListenAddress {
  /** Nobody asked for this very address: the daemon serves without it when it cannot have it. */
  readonly mayBeTaken?: true;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(0|[1-9][0-9]{0,4})$/;

/** Parses `host:port` or `[IPv6]:port`; undefined for anything else. */
export function parseListenAddress(value: unknown): ListenAddress | undefined {
  const match = typeof value === 'string' ? ADDRESS.exec(value) : null;
  if (!match) return undefined;
  const port = Number(match[3]);
  return port <= 65535 ? { host: (match[1] ?? match[2])!, port } : undefined;
}

/** For `explain`: what is most likely meant by an address that {@link parseListenAddress} does not take. */
export function explainListenAddress(value: unknown): string | undefined {
  const text = String(value);
  const port = /^:?([1-9][0-9]{0,4})$/.exec(text)?.[1];
  if (port !== undefined) return `for this machine alone 127.0.0.1:${port}, for others, too, 0.0.0.0:${port}`;
  const [, address] = /^https?:\/\/([^/]+)\/?$/.exec(text) ?? [];
  if (address !== undefined && parseListenAddress(address)) return `without http://: ${address}`;
  return isHostName(text) ? `the port is missing: ${text}:8760` : undefined;
}

/** The items of a list, or of a text with commas; undefined when `isItem` rejects one. */
export function listOf(isItem: (item: string) => boolean) {
  return (value: unknown): string[] | undefined => {
    const items: unknown = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
    const valid = (item: unknown) => typeof item === 'string' && isItem(item);
    return Array.isArray(items) && items.every(valid) ? (items as string[]) : undefined;
  };
}

/**
 * Whether `text` is a host name or IP address without a port, such as `studio.local`: what a `Host` header holds. Of a proxy that
 * may be the name of its upstream or of a service in Compose, with underscores.
 */
export function isHostName(text: string): boolean {
  return /^(?:\w(?:[\w.-]{0,251}\w)?|\[[0-9A-Fa-f:.]+\])$/.test(text);
}

/** Whether `text` is an origin such as `https://map.example`: scheme, host and port only. */
export function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Whose `X-Forwarded-*` headers to trust: everybody's, nobody's, the last N proxies', or those of these addresses. */
export type TrustProxy = boolean | number | string[];

export function parseTrustProxy(value: unknown): TrustProxy | undefined {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  if (/^(?:0|[1-9][0-9]?)$/.test(String(value)) && !Array.isArray(value)) return Number(value);
  return listOf(isProxy)(value);
}

function isProxy(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  return isAddressRule(text) && !['private', 'public'].includes(text);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** The milliseconds since 1970 of an instant in RFC 3339; undefined for anything else. */
export function parseInstant(value: unknown): number | undefined {
  const ms = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** The bytes in `1048576`, `64 KiB`, `1.5MiB` or `1 MB`; undefined when that is not a whole number. */
export function parseSize(value: unknown): number | undefined {
  const match = /^([0-9]{1,15}(?:\.[0-9]{1,3})?) ?([A-Za-z]*)$/.exec(String(value));
  const unit = match && UNITS[match[2]!.toLowerCase()];
  if (!unit) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The opposite of {@link parseSize}, in the largest unit that divides `bytes`. */
export function formatSize(bytes: number): string {
  const unit = (['GiB', 'MiB', 'KiB'] as const).find((name) => bytes % UNITS[name.toLowerCase()]! === 0);
  return unit && bytes > 0 ? `${bytes / UNITS[unit.toLowerCase()]!} ${unit}` : `${bytes} B`;
}
