/** x^32 + x^26 + ... + 1, its bits reversed: the CRC of gzip. */
const POLYNOMIAL = 0xedb88320;
/** The polynomial 1: the highest bit is x^0. */
const ONE = 0x80000000;

/** The product of two polynomials modulo that of the CRC. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let rest = a; rest !== 0; rest = (rest << 1) >>> 0) {
    if (rest & ONE) product ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product >>> 0;
}

/** x^(8 * 2^n) for n from 0 on: the factor of 2^n bytes. */
const POWERS = [multiply(1 << 27, 1 << 27)];
while (POWERS.length < 32) POWERS.push(multiply(POWERS.at(-1)!, POWERS.at(-1)!));

/** The factor by which `bytes` (below 2^32) that follow change the CRC of what is before them. */
export function crcFactor(bytes: number): number {
  let factor = ONE;
  for (let rest = bytes, n = 0; rest > 0; rest = Math.floor(rest / 2), n++)
    if (rest % 2 === 1) factor = multiply(POWERS[n]!, factor);
  return factor;
}

/** The CRC-32 of two texts, one after the other: of `crc`, then of `next`, whose length has the factor `factor`. */
export function combineCrc(crc: number, next: number, factor: number): number {
  return (multiply(factor, crc) ^ next) >>> 0;
}
