import { OK, type Command } from './command.ts';

export const version: Command = {
  name: 'version',
  summary: 'Print the version, as -v and --version do.',
  about: 'Prints the version of compositord.',
  flags: [],
  run: async (_args, terminal) => {
    terminal.stdout(`compositord ${terminal.version}\n`);
    return OK;
  },
};
