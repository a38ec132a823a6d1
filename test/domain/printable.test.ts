import fc from 'fast-check';
import t from 'tap';
import {
  HARMFUL as HARMFUL_CLASS,
  harmlessJson,
  isEmptyOrPrintable,
  isPrintable,
  printable,
} from '../../src/domain/printable.ts';
import { codePoint, hostileString } from '../support/arbitraries.ts';

const BRICKS_OF_EMOJI = '\u{1F9F1}'.repeat(255);

/** Names that people have, in scripts that need joiners, marks and characters of no width. */
const NAMES = {
  latin: 'Wall 1',
  accent: 'e\u0301',
  hebrew: 'שלום\u200F!',
  arabic: 'مرحبا',
  persian: 'می\u200Cخواهم',
  devanagari: 'क्\u200Dष',
  ideograph: '葛\u{E0100}',
  khmer: 'ភាសា\u200Bខ្មែរ',
  family: '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
  astronaut: '\u{1F469}\u{1F3FD}\u200D\u{1F680}',
  heart: '\u2764\uFE0F\u200D\u{1F525}',
  england: '\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
  bricks: BRICKS_OF_EMOJI,
};

/** What shows nothing, whatever stands beside it of its kind. */
const BLANKS = [
  ...[
    ' ',
    '\u00A0',
    '\u00AD',
    '\u034F',
    '\u115F',
    '\u180E',
    '\u2003',
    '\u200B',
    '\u200C',
    '\u200D',
    '\u2060',
  ],
  ...['\u2800', '\u3000', '\u3164', '\uFE0F', '\uFEFF', '\uFFA0', '\uFFF9', '\u{E0041}', '\u{E0100}'],
];

/** What acts on what stands around it. */
const HARMFUL = [
  ...['\0', '\t', '\n', '\r', '\x1B', '\x7F', '\x85', '\x9B', '\u2028', '\u2029', '\uD800', '\uDFFF'],
  ...['\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069', '\u206A'],
];

t.test('names in every script are accepted, and shown as they are', async (t) => {
  for (const [kind, name] of Object.entries(NAMES)) {
    t.ok(isPrintable(name, 255), kind);
    t.notOk(isPrintable(`${name}${BRICKS_OF_EMOJI}`, 255), `${kind}, too long`);
  }
  for (const kind of [
    'persian',
    'devanagari',
    'family',
    'astronaut',
    'heart',
    'england',
    'ideograph',
  ] as const)
    t.equal(printable(NAMES[kind]), NAMES[kind], kind);
});

t.test(
  'a name is refused when nothing of it can be seen, and when it acts on what stands around it',
  async (t) => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...BLANKS), { maxLength: 8 }), (blanks) => {
        return !isPrintable(blanks.join(''), 255) && isPrintable([...blanks, 'x'].join(''), 255);
      }),
    );
    const texts = HARMFUL.flatMap((harm) => [harm, `a${harm}`, `${harm}a`, `a${harm}\u2069b`]);
    t.strictSame(
      texts.filter((text) => isPrintable(text, 255)),
      [],
    );
  },
);

/** Nothing of it moves a cursor, breaks a line or turns the direction of writing. */
const HARMLESS = /^[^\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u206F]*$/u;
/** Not all who read the contract know the flag `u`. */
const PATTERNS = ['', 'u'].map((flags) => new RegExp(`^[^${HARMFUL_CLASS}]*$`, flags));
const any = fc.oneof(
  hostileString,
  fc.string({ unit: fc.oneof(codePoint, fc.constantFrom(...BLANKS, ...HARMFUL, ...Object.values(NAMES))) }),
);

t.test('law: what is accepted is harmless and seen, and any text can be shown', async (t) => {
  fc.assert(
    fc.property(any, (text) => {
      const shown = printable(text);
      if (isPrintable(text, 10_000) && (!HARMLESS.test(text) || shown.trim() === '')) return false;
      // As the schemas of the API have it: a pattern, for whoever reads it, and a format.
      if (text !== '' && isEmptyOrPrintable(text) !== isPrintable(text, 10_000)) return false;
      if (isEmptyOrPrintable(text) && !PATTERNS.every((pattern) => pattern.test(text))) return false;
      return HARMLESS.test(shown) && (text === '' || shown.trim() !== '') && printable(shown) === shown;
    }),
    { numRuns: 5000 },
  );
  t.pass('5,000 texts');
});

t.test('law: JSON that is made harmless says the same', async (t) => {
  fc.assert(
    fc.property(fc.array(any), (value) => {
      const json = harmlessJson(JSON.stringify(value));
      return HARMLESS.test(json) && JSON.stringify(JSON.parse(json)) === JSON.stringify(value);
    }),
    { numRuns: 2000 },
  );
  t.pass('2,000 values');
});

t.test('what is not seen is escaped, and only where it is not', async (t) => {
  for (const [text, shown] of [
    ['\u202Egnp.llaw', String.raw`\u{202e}gnp.llaw`],
    ['a\u200Db', String.raw`a\u{200d}b`],
    ['wall\u200B', String.raw`wall\u{200b}`],
    ['  ', String.raw`\x20\x20`],
    ['\u3164', String.raw`\u{3164}`],
    ['\x1B[31m', String.raw`\x1b[31m`],
    ['a b', 'a b'],
    ['', ''],
  ] as const)
    t.equal(printable(text), shown);
});
