import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';
import { OK, UsageError, type Command } from './command.ts';

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `compositord completion`, of the commands that `load` brings: itself among them. */
export function completionCommand(load: () => Promise<readonly Command[]>): Command {
  return {
    name: 'completion',
    summary: 'Print what makes a shell complete commands, flags and values.',
    about: `Prints a script for bash, zsh or fish. For the present shell, and in its startup file for all later ones:

  eval "$(compositord completion bash)"       # in ~/.bashrc
  eval "$(compositord completion zsh)"        # in ~/.zshrc, after compinit
  compositord completion fish | source        # in ~/.config/fish/config.fish`,
    flags: [],
    operands: { text: Object.keys(SHELLS).join(' | '), least: 1, most: 1, offers: Object.keys(SHELLS) },
    run: async ({ operands: [shell = ''] }, terminal) => {
      const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (!write)
        throw new UsageError(
          `compositord completion: there is none for ${JSON.stringify(shell)}, only for ${Object.keys(SHELLS).join(', ')}`,
        );
      terminal.stdout(write(await load()));
      return OK;
    },
  };
}
