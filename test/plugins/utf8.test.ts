import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decodeUtf8 } from '../../src/plugins/utf8.ts';
import { law } from '../domain/law.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

function decoded(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(`\uFEFF${text}`)),
  fc
    .constantFrom('c080', 'eda080', 'f4908080', 'f09f98', 'efbbbfefbbbf', 'ff')
    .map((hex) => Buffer.from(hex, 'hex')),
);

law(t, 'bytes are read as by a strict TextDecoder', [bytes], (given) => {
  assert.equal(decodeUtf8(given), decoded(given));
});
