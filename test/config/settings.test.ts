import t from 'tap';
import { settingsForRestart } from '../../src/config/settings.ts';
import { configOf } from './table.ts';

const settingsOf = (yaml: string) =>
  configOf({ files: { 'compositord.yaml': yaml, 'fleet.json': '[]' } }).config.settings;

t.test('names what differs, wherever it stands, and nothing that a reload takes over', async (t) => {
  const running = settingsOf('daemon: { hosts: [a], lease.ttl: 3, cors.origins: ["https://a.example"] }');
  t.same(settingsForRestart(running, running), []);
  t.same(
    settingsForRestart(
      running,
      settingsOf(
        'daemon: { hosts: [a, b], lease.ttl: 3, listen: "[::1]:1", trustProxy: 1, store.refill: never, compositors: fleet.json }',
      ),
    ),
    ['listen', 'store.refill', 'hosts', 'cors.origins', 'trustProxy'],
  );
});
