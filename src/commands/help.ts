import { flagsOf, OK, type Command, type Flag } from './command.ts';

/** Where the help is not for a terminal. */
const WIDTH = 120;
const NARROWEST = 20;
/** Flags that are longer than this have their text below them. */
const LONGEST_FLAG = 30;
/** A terminal that is narrower than this has no room for two columns. */
const TWO_COLUMNS = 70;

const HELP_FLAG: Flag = { name: 'help', text: 'This text.' };

/** The columns of a help text for a terminal of this many; undefined: for no terminal. */
export function helpWidth(columns: number | undefined): number {
  return Math.max(NARROWEST, Math.min(columns ?? WIDTH, WIDTH));
}

/** The help of one command, in lines of at most `width`, as far as its words allow. */
export function helpOf(command: Command, width: number): string {
  const { name, about, after, operands, flags, groups = [] } = command;
  const words = [
    name === 'serve' ? '[serve]' : name,
    operands?.text,
    flagsOf(command).length > 0 && '[flags]',
  ];
  const rows = [...flags, ...groups.flatMap((group) => group.flags), HELP_FLAG].map(titleOf);
  const column = Math.max(...rows.map(({ length }) => length).filter((length) => length <= LONGEST_FLAG));
  const list = (some: readonly Flag[]) => some.map((flag) => flagText(flag, column, width)).join('\n');
  return [
    `Usage: compositord ${words.filter(Boolean).join(' ')}`,
    filled(about, width),
    list([...flags, HELP_FLAG]),
    ...groups.map((group) => `${filled(group.heading, width)}\n${list(group.flags)}`),
    ...(after === undefined ? [] : [filled(after, width)]),
  ]
    .join('\n\n')
    .concat('\n');
}

function titleOf({ name, value }: Flag): string {
  const dashed = name === HELP_FLAG.name ? '-h, --help' : `--${name}`;
  return value === undefined ? dashed : `${dashed} ${value}`;
}

function flagText(flag: Flag, column: number, width: number): string {
  const { text, preset } = flag;
  const title = titleOf(flag);
  // In one piece, with its spaces.
  const words = [...wordsOf(text), ...(preset === undefined ? [] : [`[default: ${preset}]`])];
  const isBelow = width < TWO_COLUMNS || title.length > column;
  const indent = width < TWO_COLUMNS ? 6 : column + 4;
  const lines = wrapped(words, width - indent).map((line) => ' '.repeat(indent) + line);
  if (isBelow) return [`  ${title}`, ...lines].join('\n');
  return [`  ${title.padEnd(column)}  ${lines[0]!.trimStart()}`, ...lines.slice(1)].join('\n');
}

/** Paragraphs with their words in lines of at most `width`; a line that begins with a space stays as it is. */
export function filled(text: string, width: number): string {
  const lines: string[] = [];
  let paragraph = '';
  const end = () => {
    if (paragraph !== '') lines.push(...wrapped(wordsOf(paragraph), width));
    paragraph = '';
  };
  for (const line of text.split('\n')) {
    if (line !== '' && !line.startsWith(' ')) paragraph += ` ${line}`;
    else {
      end();
      lines.push(line);
    }
  }
  end();
  return lines.join('\n');
}

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}

function wrapped(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `compositord help`, of these commands. */
export function helpCommand(names: readonly string[], load: HelpSources): Command {
  return {
    name: 'help',
    summary: 'Show this, or the help of one command.',
    about: 'Shows what the commands are, or with a name everything about one of them.',
    flags: [],
    operands: { text: '[COMMAND]', least: 0, most: 1, offers: names },
    run: async ({ operands: [name] }, terminal) => {
      const width = helpWidth(terminal.screen()?.columns);
      terminal.stdout(
        name === undefined ? overview(await load.all(), width) : helpOf(await load.one(name), width),
      );
      return OK;
    },
  };
}

export interface HelpSources {
  /** Throws a UsageError when there is no such command. */
  readonly one: (name: string) => Promise<Command>;
  readonly all: () => Promise<readonly Command[]>;
}

/** What `compositord --help` prints. */
export function overview(commands: readonly Command[], width: number): string {
  const column = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.flatMap(({ name, summary }) =>
    wrapped(wordsOf(summary), width - column - 4).map(
      (line, i) => `  ${(i === 0 ? name : '').padEnd(column)}  ${line}`,
    ),
  );
  return `${filled('compositord: many compositors, one live, versioned map.', width)}

Usage: compositord [serve] [flags]
       compositord <command> [flags]

Commands
${rows.join('\n')}

${filled(
  `compositord help <command> says more, -v prints the version. Without a command it serves.

Exit codes: 0 done, 1 failed, 2 wrong flags or configuration, 130 ended by Ctrl-C before it was done (143 by SIGTERM).`,
  width,
)}
`;
}
