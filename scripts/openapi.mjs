// npm run openapi: writes openapi/openapi.yaml from the running daemon's own schemas.
// npm run openapi:check: fails when that file is stale, or when a linter has anything to say about it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ensureBuilt } from './build.mjs';
import { root, say, stop } from './project.mjs';

const file = `${root}openapi/openapi.yaml`;
/** It has hundreds of packages, so npx fetches it where the contract is checked, and nobody installs it. */
const SPECTRAL = '@stoplight/spectral-cli@6.16.3';

await ensureBuilt();
const text = await written();
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else {
  if (readFileSync(file, 'utf8') !== text)
    stop('openapi/openapi.yaml is stale: npm run openapi writes it anew.');
  lint();
}

async function written() {
  const { createApp } = await import('../dist/app.js');
  const { loadConfig } = await import('../dist/config/load-config.js');
  const folder = mkdtempSync(join(tmpdir(), 'compositord-openapi-'));
  const { config } = loadConfig({
    flags: { store: [`file:${folder}`], 'log-level': ['silent'] },
    env: {},
    readFile,
  });
  const app = await createApp(config);
  try {
    // Without aliases: other programs' YAML readers stumble over them.
    return `# Made by \`npm run openapi\`. Change the schemas in src/routes, not this file.\n${stringify(
      inOrder(app.server.swagger()),
      { aliasDuplicateObjects: false, lineWidth: 110 },
    )}`;
  } finally {
    await app.close();
    rmSync(folder, { recursive: true });
  }
}

/** Paths and components by name: a route that moves in the source must not move here. */
function inOrder(document) {
  const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { paths, components, ...rest } = document;
  const kinds = Object.entries(components).map(([kind, each]) => [kind, sorted(each)]);
  return { ...rest, paths: sorted(paths), components: Object.fromEntries(kinds) };
}

function lint() {
  const redocly = runLinter(process.execPath, [
    join(root, 'node_modules/@redocly/cli/bin/cli.js'),
    ...['lint', file, '--format=json', `--config=${root}redocly.yaml`],
  ]);
  const spectral = runLinter('npx', [
    ...['-y', SPECTRAL, 'lint', file, '--format=json', `--ruleset=${root}.spectral.yaml`],
    ...['--fail-severity=hint', '--quiet'],
  ]);
  const found = [
    ...redocly.problems.map(
      ({ severity, ruleId, message, location }) =>
        `${severity} ${ruleId}: ${message} (${location[0]?.pointer ?? ''})`,
    ),
    ...spectral.map(({ code, message, path }) => `${code}: ${message} (${path.join('/')})`),
  ];
  for (const line of found) say(line);
  if (found.length > 0) stop(`the linters found ${found.length} problems.`);
}

/** What a linter says in JSON. Those that find something end with 1, those that fail say nothing in JSON. */
function runLinter(command, args) {
  const { stdout = '', stderr = '' } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', SCARF_ANALYTICS: 'false', NO_COLOR: '1' },
  });
  try {
    return JSON.parse(stdout.slice(stdout.search(/[[{]/)));
  } catch {
    return stop(`${args.find((each) => /cli/.test(each))} does not answer: ${stderr.trim()}`);
  }
}

/** There is no configuration file here. */
function readFile(path) {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
}
