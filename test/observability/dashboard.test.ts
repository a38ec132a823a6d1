// deploy/observability: every query of the dashboard, on a real Prometheus that scrapes a real daemon as it is told to there.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { eventually } from '../failures/eventually.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { Program } from '../support/program.ts';
import { promtool } from '../support/prometheus.ts';
import { authText, tokenFor } from '../support/tokens.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/observability/', import.meta.url));

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const { panels, templating } = JSON.parse(
  await readFile(join(FOLDER, 'grafana/compositord.json'), 'utf8'),
) as { panels: Panel[]; templating: { list: { name: string; query: string | { query: string } }[] } };

/** They have no series before the first time that something is counted, and here nothing is. */
const WITHOUT_SERIES =
  /compositord_(?:stream_dismissed|relay_messages|relay_dropped|protocol_violations)_total/;

/** As Grafana fills it in for all replicas. */
const filled = (expr: string) => expr.replaceAll('$instance', '.+').replaceAll('$__rate_interval', '15s');

t.test('each panel has an id and a place of its own, and each metric is one that there is', async (t) => {
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        t.notOk(taken.has(`${x},${y}`), `${title} lies on ${taken.get(`${x},${y}`)}`);
        taken.set(`${x},${y}`, title);
      }
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const drawn = new Set(
    panels
      .flatMap(({ targets = [] }) => targets)
      .flatMap(({ expr }) =>
        [...expr.matchAll(/\bcompositord_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')),
      ),
  );
  const explained = new Set([...page.matchAll(/\bcompositord_\w+/g)].map(([name]) => name));
  t.strictSame(
    [...drawn].filter((name) => !explained.has(name)),
    [],
    'none that nobody explains',
  );
  t.strictSame(
    [...explained].filter((name) => !drawn.has(name)),
    [],
    'all are drawn',
  );
});

t.test('every query has an answer from a Prometheus that scrapes a daemon', async (t) => {
  const scraper = tokenFor('prometheus', ['read']);
  const writer = tokenFor('writer', ['read', 'write']);
  const env = { COMPOSITORD_AUTH: authText(scraper, writer) };
  const { url, port } = await startDaemon(t, { args: ['--workers=2', '--log-level=warn'], env });

  const dir = await temporaryFolder(t);
  await cp(FOLDER, dir, { recursive: true });
  await writeFile(join(dir, 'token'), scraper.token);
  const shipped = await readFile(join(dir, 'prometheus.yml'), 'utf8');
  const config = shipped
    // A name of its own has no machine; test/observability/scrape-names.test.ts has one.
    .replace(/dns_sd_configs:[^]*$/, `static_configs: [{ targets: ['127.0.0.1:${port}'] }]\n`)
    .replace('/run/secrets/metrics-token', join(dir, 'token'))
    .replaceAll('15s', '1s');
  await writeFile(join(dir, 'prometheus.yml'), config);
  t.match(promtool(['check', 'config', join(dir, 'prometheus.yml')]), { status: 0 });
  const listen = `127.0.0.1:${await freePort()}`;
  const prometheus = new Program(t, 'prometheus', [
    `--config.file=${join(dir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=${listen}`,
  ]);
  await prometheus.complains(/Server is ready to receive web requests/);

  const { headers } = writer;
  const peer = await HttpPeer.start(t);
  const { protocol, address, port: at } = peer.target;
  await send(
    'PUT',
    `${url}/compositors/peer`,
    { name: 'Peer', protocol, address, port: at, ttl: 3600 },
    headers,
  );
  const reader = new ConformanceClient({ url, headers });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy: { exact } }) => exact);

  let writes = 0;
  const query = async (expr: string): Promise<{ status: string; found: number; error?: string }> => {
    // Something goes on while it is asked.
    await send('PATCH', `${url}/compositors/peer/tiles`, { '1,1': { brick: `b${(writes += 1)}` } }, headers);
    const asked = `http://${listen}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const { body } = await send('GET', asked);
    const { status, data, error } = body as {
      status: string;
      data?: { result: unknown[] };
      error?: string;
    };
    return { status, found: data?.result.length ?? 0, ...(error !== undefined && { error }) };
  };

  for (const { title, type, targets = [] } of panels) {
    if (type === 'row') continue;
    t.not(targets.length, 0, title);
    for (const { refId, expr } of targets) {
      const { status, error } = await query(filled(expr));
      t.equal(status, 'success', `${title} ${refId}: ${error}`);
      if (WITHOUT_SERIES.test(expr)) continue;
      await eventually(
        async () => (await query(filled(expr))).found > 0,
        `${title} ${refId} finds something`,
      );
    }
  }
  const list = templating.list.find(({ name }) => name === 'instance')!.query as { query: string };
  const [, selector] = /^label_values\((.+), instance\)$/.exec(list.query)!;
  t.equal((await query(selector!)).found, 1, 'the list of replicas has the daemon');

  const rules = await send('GET', `http://${listen}/api/v1/rules`);
  const { groups } = (rules.body as { data: { groups: { rules: { health: string; name: string }[] }[] } })
    .data;
  const loaded = groups.flatMap((group) => group.rules);
  t.ok(loaded.length > 20, 'the alerts are loaded');
  await eventually(async () => {
    const { body } = await send('GET', `http://${listen}/api/v1/rules`);
    const now = body.data.groups as typeof groups;
    return now.flatMap((group) => group.rules).every(({ health }) => health === 'ok');
  }, 'every alert could be evaluated');
  const alerts = await send('GET', `http://${listen}/api/v1/alerts`);
  const firing = (alerts.body as { data: { alerts: { state: string }[] } }).data.alerts;
  t.strictSame(
    firing.filter(({ state }) => state === 'firing'),
    [],
    'and none fires while all is well',
  );
});
