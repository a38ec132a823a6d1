// Every command that a page shows is run: here, or by the test that is named here. What a page showed and nobody had run was wrong.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KEEPS_ALL } from '../replicas/fleet.ts';
import { startRedis } from '../support/redis-server.ts';
import { authText, tokenFor } from '../support/tokens.ts';
import { commandsOf, PAGES, ROOT } from './pages.ts';
import { Terminal } from './terminal.ts';

/** On which page, how the commands begin, and which test runs them. */
const ELSEWHERE: readonly [page: string, begin: string, test: string][] = [
  ['CONTRIBUTING.md', 'npm run dev', '.ci/run'],
  ['README.md', 'npm start  ', 'test/scripts/start.test.ts'],
  ['README.md', 'curl', 'test/docs/readme.test.ts'],
  ['README.md', 'npm start -- --cors-origins', 'test/browser/live-page.test.ts'],
  ['README.md', 'npm i -g', 'test/deploy/packages.test.ts'],
  ['docs/client.md', 'npm start -- --cors-origins', 'test/browser/live-page.test.ts'],
  ['docs/commands.md', '', 'test/docs/commands-page.test.ts'],
  ['docs/console.md', 'npm start -- console   ', 'test/commands/console-terminal.test.ts'],
  ['docs/console.md', 'npm start -- console <<', 'test/docs/console-page.test.ts'],
  ['docs/geometry-os.md', 'npm start -- --geometry-os', 'test/system/geometry-os.test.ts'],
  ['docs/operations.md', 'npm start   ', 'test/scripts/start.test.ts'],
  ['docs/operations.md', 'COMPOSITORD_TOKEN', 'test/deploy/recipes.test.ts'],
  ['docs/redis.md', 'redis-server', 'test/docs/redis-page.test.ts'],
  ['docs/start/compositor.md', 'curl', 'test/docs/start-programs.test.ts'],
  ['docs/start/web-page.md', 'npm start', 'test/browser/live-page.test.ts'],
  ['docs/start/web-page.md', 'python3 -m http.server', 'test/browser/live-page.test.ts'],
  ['docs/systemd.md', '', 'test/deploy/systemd-booted.test.ts'],
  ['docs/terminal.md', 'eval', 'test/commands/completion.test.ts'],
  ['docs/verify.md', 'compositord verify URL', 'test/commands/verify.test.ts'],
  ['examples/typescript/README.md', '', 'test/client/package.test.ts'],
  ['examples/vite/README.md', '', 'test/examples/vite.test.ts'],
  ['packages/client/README.md', '', 'test/deploy/packages.test.ts'],
];

/** What cannot be run in a test, and why. */
const NOWHERE: readonly [page: string, begin: string, why: string][] = [
  [
    'docs/operations.md',
    'docker',
    'there is no Docker: the Dockerfile is played, and the Compose file checked',
  ],
  ['docs/operations.md', 'kubectl', 'there is no Kubernetes: its files are checked against the schemas'],
  [
    'docs/operations.md',
    'npm i -g',
    'it names releases that are not there yet; the same is tried with this one',
  ],
  ['docs/performance.md', 'npm run bench', 'it measures, for a quarter of an hour'],
];

const operator = tokenFor('operator', ['admin']);
/** Pages whose daemon asks for a token. */
const WITH_TOKEN = ['docs/start/operator.md'];

const known = [...ELSEWHERE, ...NOWHERE];
const redis = await startRedis(t, { args: KEEPS_ALL });

for (const each of PAGES) {
  const commands = commandsOf(each).filter(
    ({ page, text }) => !known.some(([where, begin]) => where === page && text.startsWith(begin)),
  );
  if (commands.length === 0) continue;
  t.test(each.path, { timeout: 240_000 }, async (t) => {
    const env = WITH_TOKEN.includes(each.path) ? { COMPOSITORD_AUTH: authText(operator) } : {};
    const others = { 'redis://redis:6379/0': redis.url, 'cmp_...': operator.token };
    const terminal = await Terminal.open(t, { env, others });
    for (const { text } of commands) {
      await terminal.paste(text);
      t.pass(text);
    }
  });
}

t.test('the commands that are run elsewhere are there, and so are their tests', async (t) => {
  const all = PAGES.flatMap(commandsOf);
  for (const [where, begin, test] of known) {
    t.ok(
      all.some(({ page, text }) => page === where && text.startsWith(begin)),
      `${where}: ${begin}`,
    );
    if (!test.includes(' ')) t.ok(existsSync(join(ROOT, test)), test);
  }
});
