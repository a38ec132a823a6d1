import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { combineCrc, crcFactor } from '../../src/domain/crc32.ts';

t.test('the CRC of two texts, from theirs, is that of both in one', async () => {
  const bytes = fc.uint8Array({ maxLength: 3000 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const combined = combineCrc(crc32(a), crc32(b), crcFactor(b.length));
      return combined === crc32(Buffer.concat([a, b]));
    }),
  );
});

t.test('also of long texts', async (t) => {
  const long = Buffer.alloc(5_000_001, 'patch');
  t.equal(combineCrc(crc32('snapshot'), crc32(long), crcFactor(long.length)), crc32(long, crc32('snapshot')));
});
