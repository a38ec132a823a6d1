// The commands of docs/systemd.md, word for word, where systemd really runs: in a container that is booted for this test.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { Booted, INSIDE, notBootable } from '../support/booted.ts';

const UNIT = 'infinitemap-compositor-manager';
const URL_INSIDE = 'http://127.0.0.1:8760';
const page = await readFile(new URL('../../docs/systemd.md', import.meta.url), 'utf8');

/** The first block of commands below the heading, without its first line where that builds: this test has a build. */
function recipe(heading: string, index = 0): string[] {
  const section = page.slice(page.indexOf(`\n# ${heading}\n`) + 1 || page.indexOf(`\n## ${heading}\n`) + 1);
  const block = [...section.matchAll(/```sh\n([^`]*)```/g)][index]![1]!;
  const lines = block.trim().split('\n');
  return lines.filter((line) => !line.startsWith('npm ci')).map((line) => line.replaceAll('sudo ', ''));
}

const why = notBootable();
if (why !== undefined) t.pass(`systemd cannot be booted here (${why}): docs/systemd.md was not tried`);
else
  t.test('from its installation to its removal', { timeout: 280_000 }, async (t) => {
    const machine = await Booted.start(t);
    machine.run(`mkdir -p /srv/clone /etc/systemd/system /etc/compositord
      ln -s ${INSIDE}/dist ${INSIDE}/node_modules ${INSIDE}/package.json ${INSIDE}/deploy /srv/clone`);
    const play = (lines: readonly string[]) => {
      for (const line of lines) machine.run(`cd /srv/clone && ${line}`);
    };
    const show = (property: string) =>
      machine.run(`systemctl show --value --property=${property} ${UNIT}`).trim();
    const status = `systemctl is-active ${UNIT}; systemctl show --value --property=StatusText ${UNIT}`;
    const send = (method: string, path: string, body?: object) =>
      machine.run(
        `curl -fsS -X ${method} ${body ? `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'` : ''} '${URL_INSIDE}${path}'`,
      );
    const tiles = () => Object.keys((JSON.parse(send('GET', '/manifest')) as { tiles: object }).tiles);
    const log = (options: string) => machine.run(`journalctl --no-pager --output=cat -u ${UNIT} ${options}`);

    play(recipe('Under systemd'));
    t.equal(show('ActiveState'), 'active');
    t.match(show('StatusText'), /^serves http:\/\/127\.0\.0\.1:8760/);
    send('GET', '/health/ready');
    send('PUT', '/compositors/wall', { name: 'Wall', ttl: 3600 });
    send('PATCH', '/compositors/wall/tiles', { '1,1': { brick: 'a' } });
    t.same(tiles(), ['1,1']);

    t.equal(log('-p err').includes('{'), false, 'nothing went wrong');
    machine.run(
      `echo 'daemon: { lisen: x }' > /etc/compositord/compositord.yaml && systemctl reload ${UNIT}`,
    );
    await machine.until(`journalctl --no-pager --output=cat -u ${UNIT} -p err`, /was not reloaded/);
    t.notMatch(log('-p err'), /"level":30/, 'and what is no error is not among them');
    machine.run(`rm /etc/compositord/compositord.yaml && systemctl reload ${UNIT}`);
    await machine.until(status, /^active\nserves/);

    play(recipe('Backup, and restore'));
    send('PATCH', '/compositors/wall/tiles', { '2,2': { brick: 'b' } });
    t.same(tiles().sort(), ['1,1', '2,2'], 'a backup is in nobody’s way');
    play(recipe('Backup, and restore', 1));
    t.same(tiles(), ['1,1'], 'as it was at the backup');
    send('PATCH', '/compositors/wall/tiles', { '3,3': { brick: 'c' } });

    play(recipe('Upgrade, and back'));
    t.equal(show('ActiveState'), 'active');
    machine.run('test -e /opt/compositord.before/dist');
    play(recipe('Upgrade, and back', 1));
    t.equal(show('ActiveState'), 'active');
    t.same(tiles().sort(), ['1,1', '3,3']);

    // Shorter, so that nobody waits.
    machine.run(`mkdir -p /etc/systemd/system/${UNIT}.service.d
      printf '[Service]\\nWatchdogSec=4\\n' > /etc/systemd/system/${UNIT}.service.d/short.conf
      systemctl daemon-reload && systemctl restart ${UNIT}`);
    const pids =
      machine.run(`cat /sys/fs/cgroup/systemd$(systemctl show --value --property=ControlGroup ${UNIT})/cgroup.procs \
      /sys/fs/cgroup$(systemctl show --value --property=ControlGroup ${UNIT})/cgroup.procs 2>/dev/null || true`);
    const last = pids.trim().split('\n').at(-1)!;
    machine.run(`kill -STOP ${last}`);
    await machine.until(`systemctl show --value --property=NRestarts ${UNIT}`, /^[1-9]/);
    await machine.until(status, /^active\nserves/);
    t.match(log(''), /[Ww]atchdog/);
    t.same(tiles().sort(), ['1,1', '3,3'], 'a process that hangs is ended, and nothing is lost');

    play(recipe('Removal'));
    for (const path of ['/opt/compositord', '/var/lib/private/compositord', '/etc/compositord'])
      machine.run(`! test -e ${path}`);
    t.match(machine.run(`systemctl list-unit-files '${UNIT}*' --no-pager || true`), /^0 unit files/m);
  });
