import t from 'tap';
import { agesNow } from '../../web/page/age.ts';
import { conditionOf, connectionText, endpointOf } from '../../web/panels/compositor-words.ts';

const NOW = agesNow(Date.parse('2026-01-01T00:10:00Z'));
const at = { protocol: 'http', address: '10.0.0.7', port: 5000 };
const entry = (status: string, more: object = {}) => ({ id: 'wall', name: 'Wall', status, ...more });

t.test('a red compositor says why', async (t) => {
  const health = {
    ...{ state: 'disconnected', failures: 12, changedAt: '2026-01-01T00:05:00Z' },
    lastError: 'timeout: no answer within 5 s',
  };
  t.strictSame(conditionOf(entry('disconnected', at), health, NOW), {
    tone: 'bad',
    title: 'Disconnected',
    why: 'The daemon cannot reach it at http://10.0.0.7:5000. That began 5 min ago. The last 12 checks failed: timeout: no answer within 5 s.',
  });
  t.match(conditionOf(entry('disconnected', at), undefined, NOW).why, /^The daemon cannot reach it at http/);
  t.match(
    conditionOf(entry('disconnected'), undefined, NOW).why,
    /^It had dialed in, and its connection is lost/,
  );
});

t.test('so does a stale one, and one whose checks fail now and then', async (t) => {
  const stale = entry('stale', { staleAt: '2026-01-01T00:09:00Z', ttl: 30 });
  t.strictSame(conditionOf(stale, undefined, NOW), {
    tone: 'warn',
    title: 'Stale',
    why: 'Its lease of 30 s ran out 60 s ago, and it has not renewed it. If it stays away, it goes with its tiles.',
  });
  const failing = { state: 'connected', failures: 1, lastError: 'HTTP status 503' };
  t.match(conditionOf(entry('connected', at), failing, NOW), {
    tone: 'warn',
    why: 'The last check failed: HTTP status 503.',
  });
  t.match(conditionOf(entry('connected', at), { ...failing, failures: 0 }, NOW), { tone: 'good', why: '' });
});

t.test('one that is well, stopped, or only registered', async (t) => {
  t.match(conditionOf(entry('registered'), undefined, NOW), { tone: 'calm', title: 'Registered' });
  t.match(conditionOf(entry('registered', at), undefined, NOW), { tone: 'calm', title: 'Connecting' });
  t.match(conditionOf(entry('stopped', at), undefined, NOW), { tone: 'calm', why: /operator disabled/ });
  t.match(conditionOf(entry('something-new'), undefined, NOW), { tone: 'calm', title: 'something-new' });
});

t.test('where it is connected, and from which side', async (t) => {
  t.equal(endpointOf(entry('connected', { ...at, address: '::1' })), 'http://[::1]:5000');
  t.equal(
    endpointOf(entry('connected', { protocol: 'libp2p', address: '/ip4/1.2.3.4/tcp/1' })),
    '/ip4/1.2.3.4/tcp/1',
  );
  t.equal(connectionText(entry('connected', at)), 'the daemon connects to http://10.0.0.7:5000');
  t.equal(connectionText(entry('connected', { link: 'connected' })), 'it has dialed in');
  t.equal(connectionText(entry('registered')), 'none');
});
