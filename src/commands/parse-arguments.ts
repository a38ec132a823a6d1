import { parseArgs } from 'node:util';
import { didYouMean } from '../config/did-you-mean.ts';
import { UsageError, type Arguments, type Command } from './command.ts';

/** The flags and operands of a command. Throws one {@link UsageError} with everything that is wrong. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const switches = ['help', ...command.switches];
  const { tokens } = parseArgs({
    args: [...argv],
    // Strict mode would stop at the first mistake, and does not suggest the nearest flag.
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(
        command.values.map((name) => [name, { type: 'string', multiple: true }] as const),
      ),
      ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' }] as const)),
      help: { type: 'boolean', short: 'h' },
    },
  });
  const problems: string[] = [];
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const complain = (message: string) => problems.push(`${rawName}: ${message}`);
    if (switches.includes(name)) {
      if (value !== undefined) complain('takes no value');
      else flags.set(name, ['true']);
    } else if (!command.values.includes(name)) {
      const known = [...command.values, ...switches].map((flag) => `--${flag}`);
      complain(`unknown flag.${didYouMean(rawName, known)}`);
      // Without this, `--listen --demo` would take --demo for an address.
    } else if (value === undefined || (!inlineValue && value.startsWith('-'))) {
      complain('needs a value');
    } else {
      flags.set(name, [...(flags.get(name) ?? []), value]);
    }
  }
  if (!command.more && operands.length > command.operands && !flags.has('help'))
    problems.push(`${operands[command.operands]!}: is one argument too many`);
  if (operands.length < command.operands && !flags.has('help'))
    problems.push(`compositord ${command.name}: an argument is missing; see --help`);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { flags: Object.fromEntries(flags), operands };
}
