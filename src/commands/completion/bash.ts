import { flagsOf, type Command, type Offers } from '../command.ts';

/** The completion of these commands for bash, from 3.2 on (macOS has that one). */
export function bashCompletion(commands: readonly Command[]): string {
  const values = commands.flatMap((command) =>
    flagsOf(command)
      .filter(({ value }) => value !== undefined)
      .map(({ name, offers }) => `    "${command.name} --${name}") ${offer(offers)}; return ;;`),
  );
  const flags = commands.map((command) => {
    const names = [...flagsOf(command).map(({ name }) => name), 'help'];
    return `    ${command.name}) flags='${names.map((name) => `--${name}`).join(' ')}' ;;`;
  });
  const operands = commands
    .filter(({ operands }) => operands?.offers)
    .map(({ name, operands }) => `    ${name}) ${offer(operands?.offers)} ;;`);
  return `# bash completion of compositord: eval "$(compositord completion bash)"
_compositord_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_compositord_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$cur"))
  compopt -o filenames 2>/dev/null || true
}
_compositord() {
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=serve flags='' flag=''
  COMPREPLY=()
  # bash takes the = of --flag=value for a word of its own.
  if [[ $cur == = ]]; then flag=$previous; cur=''
  elif [[ $previous == = ]]; then flag=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $previous == --* ]]; then flag=$previous
  fi
  if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then
    _compositord_words '${commands.map(({ name }) => name).join(' ')}'
    return
  fi
  [[ \${COMP_WORDS[1]} == -* ]] || command=\${COMP_WORDS[1]}
  case "$command $flag" in
${values.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${flags.join('\n')}
    esac
    _compositord_words "$flags"
    return
  fi
  case $command in
${operands.join('\n')}
  esac
}
complete -F _compositord compositord
`;
}

function offer(offers: Offers | undefined): string {
  if (offers === undefined) return ':';
  return offers === 'file' ? '_compositord_files' : `_compositord_words '${offers.join(' ')}'`;
}
