import { once } from 'node:events';
import { createGunzip, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { finish } from '../../../src/domain/steps.ts';
import { encodeFrame } from '../../../src/services/feed/event.ts';
import { TextPiece } from '../../../src/services/manifest/text-piece.ts';
import { gzipAtOnce, gzipInSteps, GZIP_HEAD, GzipEnd } from '../../../src/services/feed/gzip.ts';

/** Texts of frames of any size: such that do not compress, such that do, and longer than a slice and a stored block. */
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
  fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 20_000 })).map(([s, n]) => s.repeat(n)),
);

t.test('frames, each compressed by itself, are one gzip member for every reader', async () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), fc.array(fc.nat({ max: 11 })), (texts, order) => {
      const frames = texts.map((each) => encodeFrame(each));
      // Another reader gets the same frames in another order, some twice.
      const orders = [frames, order.flatMap((index) => frames[index] ?? [])];
      return orders.every((sent) => {
        const end = new GzipEnd();
        for (const frame of sent) end.add(frame.gzip);
        const coded = [GZIP_HEAD.bare, ...sent.map(({ gzip }) => gzip.bare), end.encode().bare];
        const plain = Buffer.concat(sent.map(({ bare }) => bare));
        // It checks the CRC and the length at the end.
        return gunzipSync(Buffer.concat(coded)).equals(plain);
      });
    }),
    { numRuns: 60 },
  );
});

t.test(
  'a frame of pieces that are kept is the same member, chunked and bare, compressed and not',
  async () => {
    const piece = text.map((each) => new TextPiece(Buffer.from(`,${each}`), () => undefined));
    const part = fc.oneof(text, fc.record({ piece, isFirst: fc.boolean() }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const expected = parts.map((each) => {
          if (typeof each === 'string') return Buffer.from(each);
          return each.isFirst ? each.piece.plain.subarray(1) : each.piece.plain;
        });
        const frame = encodeFrame(parts);
        const { gzip } = frame;
        const end = new GzipEnd();
        end.add(gzip);
        const coded = Buffer.concat([GZIP_HEAD.bare, gzip.bare, end.encode().bare]);
        return frame.bare.equals(Buffer.concat(expected)) && gunzipSync(coded).equals(frame.bare);
      }),
      { numRuns: 100 },
    );
  },
);

t.test('each frame can be read as soon as its bytes have come', async (t) => {
  const gunzip = createGunzip();
  gunzip.write(GZIP_HEAD.bare);
  for (const size of [1, 2, 511, 512, 65_535, 65_536, 65_537, 300_000, 2_000_000]) {
    const frame = encodeFrame(`: ${'a change of the map '.repeat(size).slice(0, size - 1)}\n`);
    gunzip.write(frame.gzip.bare);
    let missing = frame.bare.length;
    while (missing > 0) {
      const piece = gunzip.read() as Buffer | null;
      if (piece) missing -= piece.length;
      else await once(gunzip, 'readable');
    }
    t.equal(missing, 0, `${size} bytes, and nothing of the next frame was needed`);
  }
  gunzip.destroy();
});

t.test('the coded frame is the same with and without its chunk, and made once', async (t) => {
  const frame = encodeFrame('data: {}\n\n'.repeat(1000));
  const { chunked, bare } = frame.gzip;
  t.equal(frame.gzip, frame.gzip);
  t.equal(chunked.toString('latin1'), `${bare.length.toString(16)}\r\n${bare.toString('latin1')}\r\n`);
  t.ok(bare.length < frame.bare.length / 10);
});

t.test('a long frame is compressed in steps, and as it is when nobody prepared it', async (t) => {
  const bare = Buffer.alloc(3_000_000, '{"brick":"wall.rts.png"},');
  t.equal([...gzipInSteps(bare)].length, Math.ceil(bare.length / 65_536) - 1);
  const inSteps = finish(gzipInSteps(bare));
  const atOnce = gzipAtOnce(bare);
  t.ok(inSteps.bare.length < bare.length / 20);
  t.ok(atOnce.bare.length > bare.length);
  t.strictSame([inSteps.crc, inSteps.length], [atOnce.crc, atOnce.length]);

  const frame = encodeFrame(bare.toString());
  finish(frame.compress());
  t.equal(frame.gzip.bare.length, inSteps.bare.length, 'what was prepared is what is sent');
});
