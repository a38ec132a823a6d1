import t from 'tap';
import { formatEventId, parseEventId } from '../../src/domain/event-id.ts';

t.test('event ids', async (t) => {
  for (const [text, id] of [
    ['1042-9f3a2c1b', { cursor: '1042-9f3a2c1b', partial: false, view: '' }],
    ['1042-9f3a2c1b~', { cursor: '1042-9f3a2c1b', partial: true, view: '' }],
    ['1042-9f3a2c1b@01234567', { cursor: '1042-9f3a2c1b', partial: false, view: '01234567' }],
    ['1042-9f3a2c1b~@01234567', { cursor: '1042-9f3a2c1b', partial: true, view: '01234567' }],
  ] as const) {
    t.strictSame(parseEventId(text), id);
    t.equal(formatEventId(id), text);
  }
  for (const text of [
    '',
    '0',
    '-1',
    '999',
    'e1:abc',
    '1-9f3a2c1',
    '01-9f3a2c1b',
    '9007199254740993-00000000',
    '1-9f3a2c1b@',
    '1-9f3a2c1b~~',
    `1-9f3a2c1b${' '.repeat(1e6)}`,
  ])
    t.equal(parseEventId(text), undefined, text.slice(0, 40));
});
