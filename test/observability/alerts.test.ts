// deploy/observability/alerts.yml: each alert fires in its incident, and nothing fires while all is well. Prometheus itself evaluates.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/daemon.ts';
import { promtool } from '../support/prometheus.ts';
import { A, INCIDENTS, type Incident, type Series } from './incidents.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const FILE = fileURLToPath(new URL('../../deploy/observability/alerts.yml', import.meta.url));
const text = await readFile(FILE, 'utf8');
const rules = (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);

/** The alert as Prometheus sends it. */
function expected({ alert, labels }: Incident): object {
  const rule = rules.find((each) => each.alert === alert)!;
  const given: Record<string, string> = { ...A, ...labels, ...rule.labels };
  const all = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const filled = Object.entries(rule.annotations).map(([name, value]) => [
    name,
    value.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_match, label: string) => all[label] ?? ''),
  ]);
  return { exp_labels: all, exp_annotations: Object.fromEntries(filled) as object };
}

/** One test of promtool: with these series, `firing` is what fires then, of all alerts. */
function checked(name: string, series: Series, minute: number, firing?: Incident): object {
  return {
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
    alert_rule_test: rules.map(({ alert }) => ({
      eval_time: `${minute}m`,
      alertname: alert,
      exp_alerts: firing?.alert === alert ? [expected(firing)] : [],
    })),
  };
}

const tests = INCIDENTS.flatMap((each) => {
  const { alert, calm, incident, minute, tooEarly } = each;
  return [
    checked(`${alert}: calm`, calm, minute),
    checked(`${alert}: incident`, incident, minute, each),
    ...(tooEarly === undefined ? [] : [checked(`${alert}: too early`, incident, tooEarly)]),
  ];
});

t.test('each alert has an incident', async (t) => {
  t.strictSame(INCIDENTS.map(({ alert }) => alert).sort(), rules.map(({ alert }) => alert).sort());
  t.match(promtool(['check', 'rules', FILE]), { status: 0 });
});

t.test('it fires then, alone, and neither before nor while all is well', async (t) => {
  const dir = await temporaryFolder(t);
  const run = async (alerts: string) => {
    await writeFile(join(dir, 'alerts.yml'), alerts);
    // JSON is YAML.
    const all = { rule_files: ['alerts.yml'], evaluation_interval: '1m', tests };
    await writeFile(join(dir, 'tests.json'), JSON.stringify(all));
    return promtool(['test', 'rules', join(dir, 'tests.json')]);
  };
  const { status, said } = await run(text);
  t.equal(status, 0, said);
  const deaf = text.replace('compositord_store_up == 0', 'compositord_store_up == 2');
  t.match(await run(deaf), { status: 1, said: /CompositordStoreAway: incident/ }, 'it would have said so');
});

t.test('each metric of an alert is one that there is', async (t) => {
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  for (const { alert, expr } of rules)
    for (const [name] of expr.matchAll(/\bcompositord_\w+/g)) {
      const metric = name.replace(/_bucket$/, '');
      t.ok(page.includes(`\`${metric}\``) || page.includes(`\`${metric}, `), `${alert}: ${metric}`);
    }
});
