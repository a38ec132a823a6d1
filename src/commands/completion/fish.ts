import { flagsOf, type Command, type Offers } from '../command.ts';
import { description } from './description.ts';

/** The completion of these commands for fish, from 3.0 on. */
export function fishCompletion(commands: readonly Command[]): string {
  const others = commands.map(({ name }) => name).filter((name) => name !== 'serve');
  const lines = commands.flatMap((command) => {
    const { name, summary, operands } = command;
    // Without a command it serves.
    const words =
      name === 'serve'
        ? `not __fish_seen_subcommand_from ${others.join(' ')}`
        : `__fish_seen_subcommand_from ${name}`;
    const when = `complete -c compositord -n ${quoted(words)}`;
    return [
      `complete -c compositord -n __fish_use_subcommand -a ${name} -d ${quoted(description(summary))}`,
      ...flagsOf(command).map(
        (flag) =>
          `${when} -l ${flag.name}${flag.value === undefined ? '' : argument(flag.offers)} -d ${quoted(description(flag.text))}`,
      ),
      ...(operands?.offers
        ? [`${when}${operands.offers === 'file' ? ' -F' : ` -a ${quoted(operands.offers.join(' '))}`}`]
        : []),
    ];
  });
  return `# fish completion of compositord: compositord completion fish | source
complete -c compositord -e
complete -c compositord -f
complete -c compositord -s h -l help -d 'Show the help'
${lines.join('\n')}
`;
}

/** The value of a flag. */
function argument(offers: Offers | undefined): string {
  if (offers === 'file') return ' -r -F';
  return offers === undefined ? ' -x' : ` -x -a ${quoted(offers.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
