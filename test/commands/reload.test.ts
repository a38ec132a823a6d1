// A real daemon and its real files: SIGHUP.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { changeSince, daemonWith, headOf, json, patch, says } from './reloading-daemon.ts';

t.test(
  'SIGHUP: who was added is entered, who was removed leaves with its tiles, in one commit',
  async (t) => {
    const { daemon, write } = await daemonWith(t, {
      'compositord.yaml': 'wall: { name: Wall }\n',
      'compositors.json': '[{ "name": "Desk", "version": "2.1" }]',
    });
    t.match(await json(`${daemon.url}/manifest`), { compositors: { wall: {}, desk: { version: '2.1' } } });
    await patch(`${daemon.url}/compositors/desk/tiles`, { '1,2': { brick: 'a' }, '3,4': { brick: 'b' } });
    const since = await headOf(daemon);

    write('compositors.json', '[{ "id": "door", "name": "Door" }]');
    daemon.signal('SIGHUP');
    const change = await changeSince(daemon, since);
    t.match(change.compositors, { desk: null, door: { managedBy: 'compositord' } });
    t.same(Object.keys(change.compositors).sort(), ['desk', 'door'], 'the other one was left alone');
    t.same(change.tiles, { '1,2': null, '3,4': null });
    const { items } = await json<{ items: unknown[] }>(`${daemon.url}/manifest/history?limit=1`);
    t.match(items, [{ cursor: change.cursor }]);
    t.equal(Number(change.cursor.split('-')[0]), Number(since.split('-')[0]) + 1, 'one commit');
  },
);

t.test(
  'what is broken is refused whole, every problem is in the log, and the next good one counts',
  async (t) => {
    const { daemon, write } = await daemonWith(t, { 'compositord.yaml': 'wall: { name: Wall }\n' });
    const since = await headOf(daemon);
    write('compositord.yaml', 'daemon: { lease.ttl: soon }\ndesk: { name: Desk, prot: 4 }\n');
    write('compositors.json', '[{ "name": "Door" }, { "id": "A B", "name": "x" }]');
    daemon.signal('SIGHUP');
    // On a busy machine a reload may come between the two files.
    const all = () =>
      daemon.stderr
        .slice(0, daemon.stderr.lastIndexOf('\n'))
        .split('\n')
        .filter((line) => line.includes('was not reloaded'))
        .map((line) => (JSON.parse(line) as { problems: string[] }).problems);
    await eventually(() => all().some(({ length }) => length === 3), 'the log says so', 60_000);
    t.match(all().at(-1), [
      /^compositord\.yaml:2:\d+: unknown field "prot"/,
      /^compositord\.yaml:1:\d+: lease\.ttl must be /,
      /^compositors\.json:1:\d+: id must be /,
    ]);
    t.equal(await headOf(daemon), since);
    const metrics = async () => (await fetch(`${daemon.url}/metrics`)).text();
    t.match(await metrics(), 'compositord_config_current 0\n', 'an alert can say so');
    t.match(await metrics(), /^compositord_config_reloads_total\{result="refused"\} [1-9]$/m);

    write('compositord.yaml', 'daemon: { lease.ttl: 40, hosts: [studio] }\nwall: { name: Wall }\n');
    write('compositors.json', '[{ "name": "Door" }]');
    daemon.signal('SIGHUP');
    t.same(Object.keys((await changeSince(daemon, since)).compositors), ['door']);
    await says(daemon, 'the configuration was reloaded');
    await eventually(
      async () => /^compositord_config_current 1$/m.test(await metrics()),
      'the configuration that was read last is in force',
    );
    const warning = daemon.stderr.split('\n').find((line) => line.includes('wait for a restart'));
    t.same((JSON.parse(warning!) as { settings: string[] }).settings, ['lease.ttl', 'hosts']);
  },
);

t.test('what was said over HTTP of a compositor whose lines did not change stays', async (t) => {
  const { daemon, write } = await daemonWith(t, { 'compositord.yaml': 'wall: {}\ndesk: {}\n' });
  await patch(`${daemon.url}/compositors/wall`, { enabled: false });
  await patch(`${daemon.url}/compositors/desk`, { enabled: false });
  const since = await headOf(daemon);
  write('compositord.yaml', 'wall: {}\ndesk: { enabled: true }\n');
  daemon.signal('SIGHUP');
  t.match((await changeSince(daemon, since)).compositors, { desk: { enabled: true } });
  t.match(await json(`${daemon.url}/compositors/wall`), { enabled: false });
});

for (const workers of ['1', '2'])
  t.test(`SIGHUP changes the level of the log, with workers: ${workers}`, async (t) => {
    const file = (level: string) => `daemon: { log.level: ${level}, workers: ${workers} }\n`;
    const { daemon, write } = await daemonWith(t, { 'compositord.yaml': file('warn') });
    const requests = () => daemon.stderr.split('"url":"/health/live"').length - 1;
    const request = () => fetch(`${daemon.url}/health/live`);
    for (let i = 0; i < 4; i++) await request();
    t.equal(requests(), 0);
    write('compositord.yaml', file('debug'));
    daemon.signal('SIGHUP');
    await says(daemon, '"logLevel":"debug"', Number(workers));
    for (let i = 1; i <= 4; i++) {
      await request();
      await eventually(() => requests() === i, 'each request has its line, whichever worker answers');
    }
    write('compositord.yaml', file('warn'));
    daemon.signal('SIGHUP');
    await eventually(async () => {
      const before = requests();
      for (let i = 0; i < 4; i++) await request();
      return requests() === before;
    }, 'and then none any more');
  });
