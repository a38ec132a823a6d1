import t from 'tap';
import type { LiveState } from '../../web/map/live-state.ts';
import { statusWords, type StoreState } from '../../web/panels/status-words.ts';

const NOW = 1_000_000;

function words(
  live: Partial<LiveState>,
  { store, online }: { store?: StoreState; online?: boolean } = {},
): string {
  const state = { state: 'live', revision: 7, delay: 5, problem: undefined, nextAttempt: undefined };
  const { title, detail } = statusWords({ ...state, ...live }, store, NOW, online);
  return detail === '' ? title : `${title}. ${detail}`;
}

t.test('while all is well there is one word', async (t) => {
  t.equal(words({}), 'Live');
  t.equal(words({}, { store: { state: 'ok', reason: null } }), 'Live');
  t.equal(words({ state: 'connecting', revision: 0 }), 'Connecting');
});

// It said "Offline" and nothing else: neither what was wrong, nor whether the page would come back by itself.
t.test('while the daemon is away they say why, and when the next attempt is', async (t) => {
  const offline = (kind: 'unreachable' | 'refused' | 'silent', status?: number) =>
    words({ state: 'offline', problem: { kind, detail: '', status }, nextAttempt: NOW + 2100 });
  t.equal(
    offline('unreachable'),
    'Offline. The daemon does not answer. This is the last known map. Next attempt in 3 s.',
  );
  t.match(offline('refused', 502), 'The daemon is away: a proxy answers 502.');
  t.match(offline('silent'), 'The daemon is silent.');
  t.match(words({ state: 'connecting', nextAttempt: NOW - 1 }), /^Reconnecting\. .* Trying now …$/);
  t.match(words({ state: 'offline', nextAttempt: NOW + 1 }, { online: false }), /^No network\. /);
  t.notMatch(words({ state: 'offline', revision: 0 }), 'last known', 'where none was known');
});

t.test('where the daemon refuses the page they say so, and promise no attempt', async (t) => {
  const refused = (status: number) =>
    words({ state: 'refused', problem: { kind: 'refused', detail: '', status, final: true } });
  t.equal(refused(401), 'Refused. This map requires a token. This is the last known map.');
  t.equal(refused(403), 'Refused. This token may not read the map. This is the last known map.');
});

t.test('a store that is away or takes no writes is named', async (t) => {
  t.equal(
    words({ state: 'degraded' }, { store: { state: 'away', reason: null } }),
    'Store away. The daemon cannot reach its store. This is the last known map.',
  );
  t.equal(
    words({}, { store: { state: 'refusing', reason: 'disk-full' } }),
    'Read-only. The store takes no writes (disk full).',
  );
});
