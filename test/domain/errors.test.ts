import t from 'tap';
import { DomainError, ERROR_KINDS, invalid } from '../../src/domain/errors.ts';

t.test('an invalid request names its field', async (t) => {
  const error = invalid('body', '/tiles/1.5,2', 'is no cell');
  t.ok(error instanceof DomainError && error instanceof Error);
  t.match(error, { name: 'DomainError', kind: 'invalid-request', message: '/tiles/1.5,2: is no cell' });
  t.strictSame(error.extras.errors, [{ in: 'body', field: '/tiles/1.5,2', detail: 'is no cell' }]);
});

t.test('an error carries what its caller may be told, and its cause', async (t) => {
  const cause = new Error('socket');
  const error = new DomainError('cursor-gone', 'too old', { oldest: '3-01234567', retryAfter: 2, cause });
  t.match(error, { kind: 'cursor-gone', message: 'too old' });
  t.strictSame(error.extras, { oldest: '3-01234567', retryAfter: 2 });
  t.equal(error.cause, cause);
  t.strictSame(new DomainError('not-found', 'none').extras, {});
});

t.test('the list of kinds names each once', async (t) => {
  t.equal(new Set(ERROR_KINDS).size, ERROR_KINDS.length);
});
