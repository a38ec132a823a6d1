import { printable } from './printable.ts';

/** Aligned columns; the last one has no padding. Makes every cell safe for a terminal. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const safe = rows.map((row) => row.map(printable));
  const widths = safe[0]?.map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0))) ?? [];
  return safe
    .map((row) => (indent + row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')).trimEnd())
    .join('\n');
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `http://127.0.0.1:5000`, or a multiaddr; empty for a compositor that only publishes. */
export function endpointOf(compositor: { protocol?: string; address?: string; port?: number }): string {
  const { protocol = 'http', address, port } = compositor;
  if (address === undefined || address.startsWith('/')) return address ?? '';
  return `${protocol}://${hostAndPort(address, port)}`;
}

export function hostAndPort(host: string, port: number | undefined): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
