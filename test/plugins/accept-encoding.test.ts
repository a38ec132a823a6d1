import fc from 'fast-check';
import t from 'tap';
import { chooseCoding } from '../../src/plugins/accept-encoding.ts';

t.test('whether a client takes gzip', async (t) => {
  const cases: [string | undefined, boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['GZIP', true],
    ['deflate, gzip;q=1.0, *;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0.0', false],
    ['gzip;q=0.001', true],
    ['gzip ; Q = 0.5', true],
    ['*', true],
    ['*;q=0', false],
    ['br, *;q=0, gzip', true],
    ['x-gzip', false],
    ['identity', false],
    ['identity, gzip;q=0.5', false],
    ['identity;q=0.5, gzip', true],
    ['identity;q=0, *', true],
    ['gzip;q=2', false],
    ['gzip;q=', false],
    ['gzip;level=9', false],
  ];
  for (const [header, expected] of cases)
    t.equal(chooseCoding(header, ['gzip']) === 'gzip', expected, header ?? 'no header');
});

t.test('the coding that a client likes best, and of equals the first', async (t) => {
  const cases: [string, string | undefined][] = [
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['gzip, br;q=0.9', 'gzip'],
    ['*, zstd;q=0', 'br'],
    ['deflate', undefined],
  ];
  for (const [header, expected] of cases)
    t.equal(chooseCoding(header, ['zstd', 'br', 'gzip']), expected, header);
});

t.test('no header is an error, and only what was offered is chosen', async () => {
  const part = fc.constantFrom(
    'gzip',
    'br',
    '*',
    'identity',
    ';',
    'q',
    '=',
    '0',
    '0.5',
    '1',
    ',',
    ' ',
    '\t',
    'x',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join('')),
      ),
      (header) => {
        const chosen = chooseCoding(header, ['br', 'gzip']);
        return [undefined, 'br', 'gzip'].includes(chosen);
      },
    ),
  );
});
