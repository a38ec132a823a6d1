// How much of src the tests run, by V8's own counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const dist = pathToFileURL(join(root, 'dist/')).href;

export class Coverage {
  #folder = mkdtempSync(join(tmpdir(), 'compositord-coverage-'));
  #kept = new Set();

  /** For every process under test; the daemons that tests start inherit it. */
  get env() {
    return { NODE_V8_COVERAGE: this.#folder };
  }

  /** Drops from what is new all but src: a process writes megabytes, nearly all of them about its dependencies. */
  keepOurs() {
    for (const name of readdirSync(this.#folder)) {
      if (this.#kept.has(name)) continue;
      const path = join(this.#folder, name);
      const report = parsed(readFileSync(path, 'utf8'));
      // Another process writes it just now, or was killed while it did.
      if (!report) continue;
      const result = report.result.filter(({ url }) => isOurs(url));
      writeFileSync(path, JSON.stringify({ result }));
      this.#kept.add(name);
    }
  }

  /** Prints one line a folder, and the sum. */
  report() {
    for (const name of readdirSync(this.#folder)) if (!this.#kept.has(name)) rmSync(join(this.#folder, name));
    const c8 = join(root, 'node_modules/c8/bin/c8.js');
    const places = ['--temp-directory', this.#folder, '--reports-dir', join(root, '.tap/coverage')];
    const what = [
      '--exclude-after-remap',
      '--include',
      'src/**',
      '--merge-async',
      '--reporter',
      'json-summary',
    ];
    spawnSync(process.execPath, [c8, 'report', ...places, ...what], { cwd: root, stdio: 'inherit' });
    rmSync(this.#folder, { recursive: true });
    const summary = JSON.parse(readFileSync(join(root, '.tap/coverage/coverage-summary.json'), 'utf8'));
    console.log('\nCoverage of src, lines:');
    for (const [folder, { covered, total }] of Object.entries(byFolder(summary)))
      console.log(`${percent(covered, total)}  ${folder}`);
    const { covered, total } = summary.total.lines;
    console.log(`${percent(covered, total)}  in all`);
  }
}

function byFolder(summary) {
  const folders = {};
  for (const [path, { lines }] of Object.entries(summary)) {
    if (path === 'total') continue;
    const folder = path.slice(root.length).split('/').slice(0, -1).slice(0, 3).join('/');
    const sum = (folders[folder] ??= { covered: 0, total: 0 });
    sum.covered += lines.covered;
    sum.total += lines.total;
  }
  return Object.fromEntries(Object.entries(folders).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function percent(covered, total) {
  return `${((covered / total) * 100).toFixed(1).padStart(5)} %`;
}

function isOurs(url) {
  return url.startsWith(dist) && !url.startsWith(`${dist}packages/`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
