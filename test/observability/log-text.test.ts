// What the log quotes of others could turn the writing of the terminal that shows it, move its cursor or forge a line.
import t from 'tap';
import { fileURLToPath } from 'node:url';
import { Program } from '../support/program.ts';

const LOGGER = new URL('../../dist/logger.js', import.meta.url).href;
const EVIL = 'a\u202Eb\u2066c\x9B2Jd\x1B]0;owned\x07e\rf';

/** The lines that a daemon writes for a message and a field of others. */
async function written(format: 'json' | 'pretty'): Promise<string> {
  const script = `
    import { createLogger } from ${JSON.stringify(LOGGER)};
    const log = createLogger({ level: 'info', format: '${format}' });
    log.info({ text: ${JSON.stringify(EVIL)} }, ${JSON.stringify(EVIL)});
    log.warn({ err: new Error(${JSON.stringify(EVIL)}) }, 'it failed');
  `;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const program = new Program(t, process.execPath, ['--input-type=module', '-e', script], { cwd });
  await program.exited;
  return program.stderr;
}

t.test('as JSON it is the same text, in characters that do nothing', async (t) => {
  const text = await written('json');
  t.notMatch(text, /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u);
  const [first, second] = text.trimEnd().split('\n') as [string, string];
  t.match(JSON.parse(first), { text: EVIL, msg: EVIL });
  t.match(JSON.parse(second), { err: { message: EVIL } });
});

t.test('for people it shows what there was', async (t) => {
  const text = await written('pretty');
  t.notMatch(text, /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u);
  t.match(text, / INFO: a\\u\{202e\}b\\u\{2066\}c/);
  t.match(text, /"type": "Error"/, 'and the rest is as it was, line by line');
});
