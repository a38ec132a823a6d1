// `help`, `help X`, `version` and `-v` were unknown; a flag's help named neither its value nor its default; on 40 columns it was
// broken in the middle of words.
import t from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { FakeTerminal } from './fake-terminal.ts';

const COMMANDS = [
  ...['serve', 'check', 'console', 'import', 'export', 'replay', 'watch', 'verify'],
  ...['backup', 'restore', 'inspect', 'token', 'completion', 'help', 'version'],
];

async function run(argv: readonly string[], columns?: number) {
  const terminal = new FakeTerminal(columns === undefined ? {} : { size: { columns, rows: 24 } });
  const code = await commandLine(argv, terminal);
  return { code, out: terminal.out, err: terminal.err };
}

t.test('the version, however one asks', async (t) => {
  for (const word of ['version', '-v', '-V', '--version'])
    t.same(await run([word]), { code: 0, out: 'compositord 1.2.3\n', err: '' }, word);
});

t.test('the help, however one asks', async (t) => {
  const overview = await run(['--help']);
  for (const word of ['help', '-h']) t.same(await run([word]), overview, word);
  t.match(overview, { code: 0, err: '' });
  for (const name of COMMANDS) t.match(overview.out, new RegExp(`^  ${name} `, 'm'));
  t.match(overview.out, /^Exit codes: 0 done, 1 failed, 2 wrong .* 130 ended by Ctrl-C/m);
  for (const name of COMMANDS) {
    const help = await run(['help', name]);
    t.same(await run([name, '--help']), help, name);
    t.match(help, { code: 0, out: /^Usage: compositord /, err: '' });
  }
  t.match(await run(['help', 'wacth']), { code: 2, err: /no command "wacth"\. Did you mean watch\?/ });
  t.match(await run(['help', 'a', 'b']), { code: 2, err: 'b: is one argument too many\n' });
});

t.test('every flag with its value, its default and its text', async (t) => {
  const { out } = await run(['help', 'serve']);
  for (const { flag, schema } of SETTINGS) {
    const { placeholder } = schema as { placeholder?: string };
    t.ok(placeholder, `${flag} has a name for its value`);
    t.ok(out.includes(`  --${flag} ${placeholder}`), flag);
  }
  t.match(out, /^ {2}--stream-max-age SECONDS +Maximum age of a stream.*\n.*\[default: 1800\]$/m);
  t.match(out, /\[default: 64 MiB\]$/m);
  t.match(out, /--log-level fatal\|error\|warn\|info\|debug\|trace\|silent\n +Minimum .* \[default: info\]/);
  t.match(
    (await run(['help', 'watch'])).out,
    /--url URL +The daemon\. \[default: http:\/\/127\.0\.0\.1:8760\]/,
  );
  t.match((await run(['help', 'verify'])).out, /--seconds N .*\[default: 20\]/);
  t.match((await run(['help', 'token'])).out, /--scopes LIST +Out of read/);
});

t.test('it fits its terminal, and is nothing but ASCII', async (t) => {
  for (const name of ['', ...COMMANDS]) {
    const { out } = await run(['help', name].filter(Boolean));
    t.ok(
      out.split('\n').every((line) => line.length <= 130),
      `${name}: no line is longer than 130`,
    );
    t.match(out, /^[\n -~]*$/, 'a terminal without UTF-8 shows it, too');
    const narrow = (await run(['help', name].filter(Boolean), 40)).out;
    const long = narrow.split('\n').filter((line) => line.length > 40 && line.trim().includes(' '));
    // Lines to copy stay as they are, and so do the names of values.
    const isWhole = (line: string) => /^ {2}(?:\{|<|compositord|eval|--)|^Usage: |^ +\[default: /.test(line);
    t.same(
      long.filter((line) => !isWhole(line)),
      [],
      `${name} on 40 columns`,
    );
  }
});
