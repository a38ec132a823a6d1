import { PassThrough, Readable } from 'node:stream';
import { commandLine } from '../../src/commands/command-line.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** A terminal whose standard input is a script. */
export class ScriptTerminal extends FakeTerminal {
  readonly #lines: readonly string[];

  constructor(lines: readonly string[], env: Record<string, string> = {}) {
    super({ env });
    this.#lines = lines;
  }

  override readonly dialogue = () => ({
    input: Readable.from([`${this.#lines.join('\n')}\n`]),
    output: new PassThrough(),
    interactive: false,
  });
}

/** Runs `lines` at the console of the daemon at `url`. */
export async function script(
  url: string,
  lines: readonly string[],
  args: readonly string[] = [],
): Promise<{ code: number | undefined; out: string; err: string }> {
  const terminal = new ScriptTerminal(lines);
  const code = await commandLine(['console', '--url', url, ...args], terminal);
  return { code, out: terminal.out, err: terminal.err };
}
