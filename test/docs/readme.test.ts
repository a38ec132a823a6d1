import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { SseParser, type SseEvent } from '../../src/conformance/sse-parser.ts';

/** What the README says a newcomer can paste is pasted here, and must print what it says. */
const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const blocks = [...readme.matchAll(/```(\w*)\n([^]*?)```/g)].map(([, kind, text]) => ({ kind, text: text! }));
const commands = blocks
  .filter(({ kind, text }) => kind === 'sh' && text.startsWith('curl'))
  .map(({ text }) => text);
const promised = blocks.filter(({ kind }) => kind === 'json').map(({ text }) => JSON.parse(text) as object);
const run = promisify(execFile);

/** Which keys there are, at any depth: values differ from run to run. */
function shape(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]));
}

async function paste(command: string, url: string): Promise<unknown> {
  const line = command.replaceAll('127.0.0.1:8760', new URL(url).host);
  const { stdout } = await run('sh', ['-c', line.replace(/^curl/, 'curl -sS')]);
  t.match(stdout, /\n$/, 'ends with a newline');
  return JSON.parse(stdout);
}

t.test('the tour prints what it promises, and the tile arrives in the other terminal at once', async (t) => {
  const { url } = await startDaemon(t);
  const [put, watch, patch, get, leave, old, wrong] = commands as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  t.equal(commands.length, 7);
  const [registered, patched, read, left] = promised;

  t.strictSame(shape(await paste(put, url)), shape(registered));
  const terminal = spawn('sh', [
    '-c',
    `exec ${watch.replace('127.0.0.1:8760', new URL(url).host).replace('curl', 'curl -sS')}`,
  ]);
  t.teardown(() => terminal.kill());
  const seen: SseEvent[] = [];
  const parser = new SseParser();
  let look = () => undefined as unknown;
  terminal.stdout.on('data', (bytes: Buffer) => {
    for (const item of parser.push(bytes)) if (item.type === 'event') seen.push(item);
    look();
  });
  const until = (event: string, holds: (data: string) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no such ${event} within 5 s`)), 5000);
      look = () => {
        if (!seen.some((each) => each.event === event && holds(each.data))) return;
        clearTimeout(late);
        resolve();
      };
      look();
    });
  await until('synced', () => true);
  t.strictSame(
    seen.slice(0, 2).map(({ event }) => event),
    ['opened', 'snapshot'],
  );

  t.strictSame(shape(await paste(patch, url)), shape(patched));
  await until('patch', (data) => data.includes('"3,-4":{"brick":"wall.rts.png"'));
  t.strictSame(shape(await paste(get, url)), shape(read));
  t.match(await paste(leave, url), { cursor: /^3-/, changed: (left as { changed: number }).changed });
  await until('patch', (data) => data.includes('"wall":null'));
  terminal.kill();
  await once(terminal, 'exit');

  t.strictSame(shape(await paste(old, url)), shape(registered), 'an older curl');
  t.match(await paste(wrong, url), { status: 400, errors: [{ in: 'body' }] }, 'a wrong key is named');
});

t.test('the browser lines are those of the example page', async (t) => {
  const [lines] = blocks.filter(({ kind }) => kind === 'js');
  const page = readFileSync(new URL('examples/index.html', root), 'utf8').replace(/^ +/gm, '');
  t.ok(page.includes(lines!.text), 'word for word');
});

t.test('every file the README points to is there', async (t) => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path!);
  t.ok(links.length > 5);
  for (const path of links) t.ok(existsSync(new URL(path, root)), path);
});
