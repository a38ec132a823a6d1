import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { relayText } from '../../src/domain/relay-message.ts';
import { law } from './law.ts';

const textOf = (text: string) => relayText(text, JSON.parse(text) as object);
const name = fc.oneof(fc.constantFrom('type', 'Type', '"type"', 'type\\', '\n'), fc.string());

t.test('others get the text of the sender, in one line', async (t) => {
  const spaces = fc.constantFrom(undefined, 2, '\t');
  law(
    t,
    'any object with a type',
    [fc.dictionary(name, fc.jsonValue({ maxDepth: 3 })), spaces],
    (fields, space) => {
      const text = JSON.stringify({ ...fields, type: 'camera_update' }, null, space);
      const passed = textOf(text);
      if (passed !== text.replaceAll('\n', ' ')) throw new Error(`passed on as ${passed}`);
      deepStrictEqual(JSON.parse(passed), JSON.parse(text));
    },
  );
  for (const value of [
    '18446744073709551615',
    '1.0',
    '1e400',
    '-0',
    '"\\u00e9\\ud800"',
    '{"a":1,"a":2}',
    '[{"type":1}]',
  ]) {
    const text = `{"type":"WindowUpdate","id":${value}}`;
    t.equal(textOf(text), text);
  }
});

t.test('its type is there once, however it is written', async (t) => {
  const spellings = ['"type"', '"t\\u0079pe"', '"\\u0074\\u0079\\u0070\\u0065"'];
  for (const [i, first] of spellings.entries())
    for (const second of spellings.slice(i)) {
      t.equal(textOf(`{${first}:"activation","data":{"type":1},${second} \r\n\t:"activation"}`), undefined);
      t.ok(textOf(`{${second}:"type","data":["type",{"type":"type"}]}`));
    }
});

t.test('it is no longer and no deeper than it may be', async (t) => {
  const long = (length: number) => `{"type":"activation","a":"${'x'.repeat(length)}"}`;
  const most = 65_536 - long(0).length;
  t.ok(textOf(long(most)));
  t.equal(textOf(long(most + 1)), undefined);
  t.equal(textOf(`{"type":"activation","a":${'['.repeat(64)}${']'.repeat(64)}}`), undefined);
});
