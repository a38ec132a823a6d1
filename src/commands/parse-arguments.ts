import { parseArgs } from 'node:util';
import { didYouMean } from '../config/did-you-mean.ts';
import type { Problem } from '../config/problem.ts';
import type { Arguments, Command } from './command.ts';

/** The flags and operands of a command, or everything that is wrong with them. */
export function parseArguments(
  command: Command,
  argv: readonly string[],
): Arguments | { problems: Problem[] } {
  const switches = ['help', ...command.switches];
  const { tokens } = parseArgs({
    args: [...argv],
    // Its strict mode stops at the first mistake and knows no near misses.
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
  const problems: Problem[] = [];
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const complain = (message: string) => problems.push({ where: rawName, message });
    if (switches.includes(name)) {
      if (value !== undefined) complain('takes no value');
      else flags.set(name, ['true']);
    } else if (!command.values.includes(name)) {
      complain(
        `unknown flag.${didYouMean(
          rawName,
          [...command.values, ...switches].map((flag) => `--${flag}`),
        )}`,
      );
      // `--listen --demo` would take --demo for an address.
    } else if (value === undefined || (!inlineValue && value.startsWith('-'))) {
      complain('needs a value');
    } else {
      flags.set(name, [...(flags.get(name) ?? []), value]);
    }
  }
  if (!command.more && operands.length > command.operands && !flags.has('help'))
    problems.push({ where: operands[command.operands]!, message: 'is one argument too many' });
  if (operands.length < command.operands && !flags.has('help'))
    problems.push({ where: `compositord ${command.name}`, message: 'an argument is missing; see --help' });
  return problems.length > 0 ? { problems } : { flags: Object.fromEntries(flags), operands };
}
