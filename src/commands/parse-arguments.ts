import { parseArgs } from 'node:util';
import { didYouMean } from '../config/did-you-mean.ts';
import { tildeProblem } from '../domain/tilde.ts';
import { flagsOf, UsageError, type Arguments, type Command, type Flag } from './command.ts';

/** What flags of this kind are often called, and what they are here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  addr: 'listen',
  bind: 'listen',
  host: 'listen',
  data: 'store',
  dir: 'store',
  redis: 'store',
  debug: 'log-level',
  quiet: 'log-level',
  verbose: 'log-level',
  output: 'out',
  server: 'url',
};

/**
 * The flags and operands of a command. Throws one {@link UsageError} with everything that is wrong. `commands`: the names of commands,
 * when none was named; one of them as an operand is in the wrong place.
 */
export function parseArguments(
  command: Command,
  argv: readonly string[],
  commands: readonly string[] = [],
): Arguments {
  const flagByName = new Map(flagsOf(command).map((flag) => [flag.name, flag]));
  const known: Flag[] = [...flagByName.values(), { name: 'help', text: '' }];
  const { tokens } = parseArgs({
    args: [...argv],
    // Strict mode would stop at the first mistake, and does not suggest the nearest flag.
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(
        known.map(({ name, value }) => [
          name,
          value === undefined
            ? ({ type: 'boolean' } as const)
            : ({ type: 'string', multiple: true } as const),
        ]),
      ),
      help: { type: 'boolean', short: 'h' },
    },
  });
  const problems = new Set<string>();
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  /** Where the value of an unknown flag would be: it is not an argument of its own. */
  let afterUnknown: number | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index !== afterUnknown) operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, index, value, inlineValue } = token;
    const rawName = nameAsTyped(argv[index]!, token.rawName);
    const complain = (message: string) => problems.add(`${rawName}: ${message}`);
    const flag = known.find((one) => one.name === name);
    if (!flag || rawName !== token.rawName) {
      complain(`unknown flag.${suggestion(rawName, known)}`);
      if (!inlineValue) afterUnknown = index + 1;
    } else if (flag.value === undefined) {
      if (value !== undefined) complain('takes no value');
      else flags.set(name, ['true']);
      // Without this, `--listen --demo` would take --demo for an address. No flag begins with a digit: `--view -8,-8,8,8`.
    } else if (value === undefined || (!inlineValue && /^-(?!\d)/.test(value))) {
      complain(`needs a value: ${rawName} ${flag.value}`);
    } else {
      const problem = flag.offers === 'file' ? tildeProblem(value) : undefined;
      if (problem !== undefined) complain(problem);
      flags.set(name, [...(flags.get(name) ?? []), value]);
    }
  }
  const misplaced = operands.find((operand) => commands.includes(operand));
  if (misplaced !== undefined)
    throw new UsageError(
      `${misplaced}: a command comes first, before its flags: compositord ${misplaced} ...`,
    );
  if (!flags.has('help')) checkOperands(command, operands, problems);
  if (problems.size > 0) throw new UsageError([...problems].join('\n'));
  return { flags: Object.fromEntries(flags), operands };
}

function checkOperands({ name, operands }: Command, given: readonly string[], problems: Set<string>): void {
  const { text = '', least = 0, most = 0, offers } = operands ?? {};
  if (given.length > most) problems.add(`${given[most]!}: is one argument too many`);
  if (given.length < least)
    problems.add(`compositord ${name}: an argument is missing: compositord ${name} ${text}; see --help`);
  if (offers !== 'file') return;
  for (const file of given) {
    const problem = tildeProblem(file);
    if (problem !== undefined) problems.add(`${file}: ${problem}`);
  }
}

/** `-port` is taken for the flags -p, -o, -r and -t: that is not what was meant. */
function nameAsTyped(argument: string, rawName: string): string {
  return /^-[^-]./.test(argument) ? argument.replace(/=.*/s, '') : rawName;
}

function suggestion(rawName: string, known: readonly Flag[]): string {
  const name = rawName.replace(/^-+/, '').replaceAll('_', '-').toLowerCase();
  const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : name;
  const exact = known.find((flag) => flag.name === other);
  return exact
    ? ` Did you mean --${exact.name}?`
    : didYouMean(
        `--${name}`,
        known.map((flag) => `--${flag.name}`),
      );
}
