import { flagsOf, type Command, type Flag, type Offers } from '../command.ts';
import { description } from './description.ts';

/** The completion of these commands for zsh: to be evaluated, or a file `_compositord` of its `fpath`. */
export function zshCompletion(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${description(summary)}`)}`);
  const cases = commands.map((command) => {
    const { operands } = command;
    const flags = [...flagsOf(command), { name: 'help', text: 'Show the help' }].map(specOf);
    const rest = operands ? [quoted(`*:${withoutColons(operands.text)}:${action(operands.offers)}`)] : [];
    return `    ${command.name})\n      _arguments ${[...flags, ...rest].join(' \\\n        ')} ;;`;
  });
  return `#compdef compositord
# zsh completion of compositord: eval "$(compositord completion zsh)"
_compositord() {
  local command=serve
  local -a commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _compositord ]]; then _compositord "$@"; else compdef _compositord compositord; fi
`;
}

/** A flag as `_arguments` reads it: with its value behind a space or a `=`, as often as one likes. */
function specOf({ name, text, value, offers }: Flag): string {
  const explained = description(text).replace(/[[\]]/g, '');
  if (value === undefined) return quoted(`--${name}[${explained}]`);
  return quoted(`*--${name}=[${explained}]:${withoutColons(value)}:${action(offers)}`);
}

function action(offers: Offers | undefined): string {
  if (offers === undefined) return ' ';
  return offers === 'file' ? '_files' : `(${offers.join(' ')})`;
}

function withoutColons(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
