import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { temporaryFolder, type Daemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';

const RULES = new URL('../../deploy/observability/alerts.yml', import.meta.url);
/** Milliseconds for an alert to fire, or to end: a ceiling for busy machines. */
const CEILING = 60_000;

/** An alert that wakes somebody, with its labels. */
type Alert = Readonly<Record<string, string>>;

/** The shipped alerts, on a real Prometheus that scrapes daemons. What has to last for minutes has to last for a second here. */
export class Alerts {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  static async start(t: Test, daemons: readonly Pick<Daemon, 'port'>[]): Promise<Alerts> {
    const dir = await temporaryFolder(t);
    const rules = await readFile(RULES, 'utf8');
    await writeFile(join(dir, 'alerts.yml'), rules.replaceAll(/^( *for:) .*$/gm, '$1 1s'));
    const targets = daemons.map(({ port }) => `127.0.0.1:${port}`);
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['alerts.yml'],
      scrape_configs: [{ job_name: 'compositord', static_configs: [{ targets }] }],
    };
    // JSON is YAML.
    await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config));
    const listen = `127.0.0.1:${await freePort()}`;
    const program = new Program(t, 'prometheus', [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${listen}`,
    ]);
    await program.complains(/Server is ready to receive web requests/);
    return new Alerts(`http://${listen}`);
  }

  /** Resolves when these fire. */
  async fire(...wanted: readonly Alert[]): Promise<void> {
    const fires = (all: readonly Alert[], one: Alert) =>
      all.some((each) => Object.entries(one).every(([name, value]) => each[name] === value));
    await this.#until((all) => wanted.every((one) => fires(all, one)), JSON.stringify(wanted));
  }

  /** Resolves when none of these fires any more. */
  async end(...names: readonly string[]): Promise<void> {
    await this.#until(
      (all) => !all.some(({ alertname = '' }) => names.includes(alertname)),
      `the end of ${names.join()}`,
    );
  }

  async #until(holds: (firing: readonly Alert[]) => boolean, what: string): Promise<void> {
    let firing: readonly Alert[] = [];
    const look = async () => {
      const { body } = await send('GET', `${this.#url}/api/v1/alerts`);
      const { alerts } = (body as { data: { alerts: { state: string; labels: Alert }[] } }).data;
      firing = alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
      return holds(firing);
    };
    await eventually(look, what, CEILING).catch((error: unknown) => {
      throw new Error(`${String(error)}; firing: ${JSON.stringify(firing)}`);
    });
  }
}
