import { isIP } from 'node:net';

/** The strings of a list, or of one text with commas between them; undefined when `fits` refuses one. */
export function listOf(fits: (item: string) => boolean) {
  return (written: unknown): string[] | undefined => {
    const items = typeof written === 'string' ? written.split(',').map((item) => item.trim()) : written;
    if (!Array.isArray(items)) return undefined;
    return items.every((item): item is string => typeof item === 'string' && fits(item)) ? items : undefined;
  };
}

/** `studio.local` or `10.0.0.7`, without a port: as a `Host` header names it. */
export function isHostName(text: string): boolean {
  return /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/.test(text);
}

/** `https://map.example`: scheme, host and port, nothing behind. */
export function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Whom to believe about `X-Forwarded-*`: everybody, nobody, the last N hops, or proxies at these addresses. */
export type TrustProxy = boolean | number | string[];

const isProxy = (text: string): boolean => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, more] = text.split('/');
  const width = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (width < 0 || more !== undefined) return false;
  return bits === undefined || (/^(?:0|[1-9][0-9]{0,2})$/.test(bits) && Number(bits) <= width);
};

export function parseTrustProxy(written: unknown): TrustProxy | undefined {
  if (written === true || written === 'true') return true;
  if (written === false || written === 'false') return false;
  if (/^(?:0|[1-9][0-9]?)$/.test(String(written)) && !Array.isArray(written)) return Number(written);
  return listOf(isProxy)(written);
}
