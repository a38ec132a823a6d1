import fc from 'fast-check';
import { COMMAND_PATH_PATTERN } from '../../src/domain/command-routes.ts';
import { ID_PATTERN } from '../../src/domain/compositor.ts';
import { REGION_ID_PATTERN } from '../../src/domain/region.ts';

/** Few ids, so that requests meet on the same compositors. */
export const IDS = ['wall', 'door', 'constructor', 'a.b_c-d', 'http-peer', 'ws-peer'];

/** What the player puts into a request when it is sent: only then it is known. */
export const HEAD_CURSOR = 'NEWEST-CURSOR';
export const OLD_CURSOR = 'OLDER-CURSOR';
export const GENERATION = 'LAST-GENERATION';

const cursor = fc.constantFrom(HEAD_CURSOR, HEAD_CURSOR, OLD_CURSOR, '0-00000000', '1-00000000');
const id = fc.constantFrom(...IDS);
const coordinate = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));

/** By format, where a pattern does not say enough. */
export const BY_FORMAT: Readonly<Record<string, fc.Arbitrary<string>>> = {
  cursor,
  'tile-key': fc.tuple(coordinate, coordinate).map(([x, y]) => `${x},${y}`),
  view: fc.tuple(coordinate, coordinate, coordinate, coordinate).map(String),
};

/** By pattern: ids, of whatever they are, and what fast-check makes no text for. */
export const BY_PATTERN: Readonly<Record<string, fc.Arbitrary<string>>> = {
  [ID_PATTERN]: id,
  [REGION_ID_PATTERN]: fc.constantFrom('Ra', 'Rb-1'),
  [COMMAND_PATH_PATTERN]: fc.constantFrom('/commands', '/api/status', '/status/{id}', '/large'),
};

/** By the name of a parameter or field: values that reach something, and none that reaches a service beside the test. */
export const BY_NAME: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  id,
  compositor: fc.array(id, { maxLength: 3 }),
  after: id,
  // An id is made of it: any name would fill the manifest.
  name: fc.constantFrom('Wall', 'Door', 'Constructor', 'A B', 'É 1', 'wall 💥'),
  address: fc.constantFrom(
    '127.0.0.1',
    'localhost',
    '192.0.2.1',
    'nowhere.invalid',
    '[::1]',
    '/ip4/127.0.0.1/tcp/1',
  ),
  // Nobody listens at these.
  port: fc.constantFrom(1, 2, 65_535),
  wait: fc.constantFrom(0, 0.05, 0.2),
  timeout: fc.constantFrom(0.1, 1, 10),
  since: cursor,
  code: fc.constantFrom('not-found', 'internal', 'nothing'),
  path: fc.constantFrom(
    'api/status',
    'health',
    'large',
    'cut',
    'status/204',
    'status/304',
    'status/500',
    'a%2Fb',
    '',
    '//x',
  ),
  platform: fc.constantFrom('linux', 'macos'),
  'Last-Event-ID': fc.oneof(
    cursor,
    cursor.map((each) => `${each}~`),
    cursor.map((each) => `${each}@00000000`),
  ),
  'Lease-Generation': fc.constantFrom(GENERATION, GENERATION, 'old'),
  'Idempotency-Key': fc.constantFrom('"a"', 'a', 'b'),
};
