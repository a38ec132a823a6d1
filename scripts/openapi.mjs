// npm run openapi: writes openapi/openapi.yaml from the running daemon's own schemas.
// npm run openapi:check: fails when that file is stale, or when the linter has anything to say about it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ensureBuilt } from './build.mjs';
import { root, say, stop } from './project.mjs';

const file = `${root}openapi/openapi.yaml`;

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
  const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, 'lint', file, '--format=json', `--config=${root}redocly.yaml`],
    { cwd: root, encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', NO_COLOR: '1' } },
  );
  const { problems } = JSON.parse(stdout.slice(stdout.indexOf('{')) || '{"problems":[]}');
  for (const { severity, ruleId, message, location } of problems)
    say(`${severity} ${ruleId}: ${message} (${location[0]?.pointer ?? ''})`);
  if (status !== 0 || problems.length > 0)
    stop(`the linter found ${problems.length} problems. ${status === 0 ? '' : stderr}`);
}

/** There is no configuration file here. */
function readFile(path) {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
}
