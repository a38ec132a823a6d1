// The programs of docs/start/compositor.md, as somebody saves and starts them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { Program } from '../support/program.ts';
import { send } from '../support/http-client.ts';
import { blocks, commandsOf, page } from './pages.ts';
import { Terminal } from './terminal.ts';

const path = 'docs/start/compositor.md';
const text = page(path);

/** Saves the only block of a language, and starts it. */
async function start(t: Test, terminal: Terminal, language: string, file: string, command: string[]) {
  const [program, ...others] = blocks(text, language);
  t.equal(others.length, 0);
  const here = program!.replaceAll('http://127.0.0.1:8760', terminal.daemon.url);
  await writeFile(join(terminal.folder, file), here);
  return new Program(t, command[0]!, [...command.slice(1), file], { cwd: terminal.folder });
}

const cell = async (terminal: Terminal): Promise<unknown> =>
  (await send('GET', `${terminal.daemon.url}/manifest/tiles`)).body['0,0'];

t.test('Python', async (t) => {
  const terminal = await Terminal.open(t);
  const clock = await start(t, terminal, 'python', 'clock.py', ['python3', '-W', 'error']);
  const [, brick] = await clock.prints(/^(\d\d-\d\d-\d\d\.png)$/m);
  t.match(await cell(terminal), { brick });
});

t.test('JavaScript', async (t) => {
  const terminal = await Terminal.open(t);
  const [take, hello] = commandsOf({ path, text }).filter((each) => each.text.startsWith('curl'));
  await terminal.paste(take!.text);
  // Node 20 has a WebSocket only when it is asked for one.
  const flags = 'WebSocket' in globalThis ? [] : ['--experimental-websocket', '--no-warnings'];
  const clock = await start(t, terminal, 'js', 'clock.mjs', [process.execPath, ...flags]);
  const { url } = terminal.daemon;
  const status = async (): Promise<unknown> => (await send('GET', `${url}/compositors/clock`)).body.status;
  await eventually(async () => (await status()) === 'connected', 'the link of the clock', 20_000);
  t.match(JSON.parse(await terminal.paste(hello!.text)), { ok: true, answer: 'hello, you' });
  const { cursor } = (await send('GET', `${url}/manifest`)).body;
  const after = await send('GET', `${url}/manifest/changes?since=${cursor}&wait=20`);
  t.match(after.body.tiles['0,0'].brick, /^\d\d:\d\d:\d\d\.png$/, 'the time goes on');
  t.equal(clock.stderr, '');
});
