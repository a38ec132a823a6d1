import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { authText, tokenFor, type Token } from '../support/tokens.ts';
import { example } from './example.ts';

/** A curl from before 7.82: no --json, no --fail-with-body, and no word of them in its help. */
const OLD_CURL = `#!/bin/sh
PATH=$REAL_PATH
for argument do
  case $argument in --json | --fail-with-body) echo "curl: option $argument: is unknown" >&2; exit 2 ;; esac
done
if [ "$1" = --help ]; then curl "$@" | grep -v -e --json -e --fail-with-body; else exec curl "$@"; fi
`;

t.test('the tour works as it stands', async (t) => tour(t, {}));

t.test('the tour works at a daemon that asks for a token', async (t) => {
  const boss = tokenFor('boss', ['read', 'write']);
  await tour(t, { COMPOSITORD_TOKEN: boss.token }, boss);
});

t.test('the tour works with a curl older than 7.82', async (t) => {
  const folder = await temporaryFolder(t);
  const path = process.env['PATH'] ?? '';
  await writeFile(join(folder, 'curl'), OLD_CURL);
  await chmod(join(folder, 'curl'), 0o755);
  await tour(t, { PATH: `${folder}:${path}`, REAL_PATH: path });
});

t.test('without a daemon it fails and says so', async (t) => {
  const publish = new Program(t, 'sh', [example('publish.sh'), `http://127.0.0.1:${await freePort()}`]);
  t.not((await publish.exited).code, 0);
  t.match(publish.stderr, /curl: .*(connect|refused)/i);
});

async function tour(t: Test, env: Record<string, string>, token?: Token): Promise<void> {
  const { url } = await startDaemon(t, token && { env: { COMPOSITORD_AUTH: authText(token) } });
  const publish = new Program(t, 'sh', [example('publish.sh')], { env: { ...env, COMPOSITORD_URL: url } });
  t.strictSame(await publish.exited, { code: 0, signal: null }, publish.stderr);
  const { stdout } = publish;
  t.match(stdout, /\nevent: snapshot\n/, 'the stream is shown beside');
  t.match(stdout, /\ndata: .*"tiles":.*"3,-4":\{"brick":"wall.rts.png"/, 'a tile arrives in it');
  t.match(stdout, /\ndata: .*"tiles":\{"4,-4":null\}/, 'and its removal');
  t.match(stdout, /GET \/manifest\?view=-8,-8,8,8\n\{.*"0,0":\{"brick":"floor.rts.png"/);
  t.match(stdout, /\ndata: .*"wall":null/, 'the end, too');
  const { body } = await send('GET', `${url}/manifest`, undefined, token?.headers);
  t.strictSame(body.tiles, {});
  t.strictSame(body.compositors, {});
}
