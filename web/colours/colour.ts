import type { Rgb } from '../../src/pattern/colour.ts';

/** As four bytes that WebGL reads as red, green, blue, alpha (every machine that runs it is little-endian). */
export function packed([red, green, blue]: Rgb, alpha = 1): number {
  const byte = (value: number) => Math.round(value * 255);
  return ((byte(alpha) << 24) | (byte(blue) << 16) | (byte(green) << 8) | byte(red)) >>> 0;
}

export function cssOf([red, green, blue]: Rgb): string {
  const percent = (value: number) => `${(value * 100).toFixed(1)}%`;
  return `rgb(${percent(red)} ${percent(green)} ${percent(blue)})`;
}
