import {
  DockerfileParser,
  PropertyInstruction,
  type Instruction,
  type JSONInstruction,
} from 'dockerfile-ast';

/** One `COPY`. */
export interface Copy {
  readonly kind: 'copy';
  /** The stage it takes from; undefined: the context. */
  readonly from: string | undefined;
  /** `uid:gid`; undefined: root. */
  readonly owner: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** One `RUN`, for a shell. */
export interface Run {
  readonly kind: 'run';
  readonly command: string;
}

export interface Stage {
  readonly name: string;
  readonly base: string;
  /** In order, each with the folder it is done in. */
  readonly steps: readonly ((Copy | Run) & { readonly workdir: string })[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string | undefined;
  readonly stopSignal: string | undefined;
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  /** In exec form; undefined when it is missing or has another form. */
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly healthcheck:
    { readonly command: readonly string[]; readonly flags: Readonly<Record<string, string>> } | undefined;
}

/** What a Dockerfile does, stage by stage, as far as ours goes: an instruction that is not known here throws. */
export function dockerfileStages(text: string): Stage[] {
  const stages: Mutable[] = [];
  /** Those before the first FROM, with what they are when nobody says otherwise. */
  const args = new Map<string, string>();
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const words = instruction.getArguments().map(String);
    if (instruction.getKeyword() === 'FROM') {
      const name = words[1]?.toUpperCase() === 'AS' ? words[2]! : String(stages.length);
      const base = words[0]!.replace(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? '');
      stages.push({ ...EMPTY, name, base, steps: [], env: {}, labels: {} });
      continue;
    }
    if (stages.length === 0 && instruction.getKeyword() === 'ARG') {
      const [arg, value] = words[0]!.split('=') as [string, string | undefined];
      args.set(arg, value ?? '');
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) throw new Error(`${instruction.getKeyword()} stands before FROM`);
    take(stage, instruction, words);
  }
  return stages;
}

type Mutable = { -readonly [K in keyof Stage]: Stage[K] } & {
  steps: Stage['steps'][number][];
  env: Record<string, string>;
  labels: Record<string, string>;
};

const EMPTY = {
  workdir: '/',
  user: undefined,
  stopSignal: undefined,
  volumes: [],
  ports: [],
  entrypoint: undefined,
  cmd: undefined,
  healthcheck: undefined,
};

function take(stage: Mutable, instruction: Instruction, words: readonly string[]): void {
  const flags = flagsOf(instruction);
  switch (instruction.getKeyword()) {
    case 'ARG':
      return;
    case 'WORKDIR':
      stage.workdir = words[0]!;
      return;
    case 'COPY':
      stage.steps.push({
        kind: 'copy',
        workdir: stage.workdir,
        from: flags['from'],
        owner: flags['chown'],
        sources: words.slice(0, -1),
        target: words.at(-1)!,
      });
      return;
    case 'RUN':
      stage.steps.push({ kind: 'run', workdir: stage.workdir, command: words.join(' ') });
      return;
    case 'ENV':
      Object.assign(stage.env, propertiesOf(instruction));
      return;
    case 'LABEL':
      Object.assign(stage.labels, propertiesOf(instruction));
      return;
    case 'USER':
      stage.user = words[0];
      return;
    case 'STOPSIGNAL':
      stage.stopSignal = words[0];
      return;
    case 'VOLUME':
      stage.volumes = words;
      return;
    case 'EXPOSE':
      stage.ports = words;
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = execForm(instruction);
      return;
    case 'CMD':
      stage.cmd = execForm(instruction);
      return;
    case 'HEALTHCHECK': {
      const command = execForm(instruction);
      stage.healthcheck = command && { command, flags };
      return;
    }
    default:
      throw new Error(`nobody here knows ${instruction.getKeyword()}`);
  }
}

function propertiesOf(instruction: Instruction): Record<string, string> {
  if (!(instruction instanceof PropertyInstruction)) return {};
  return Object.fromEntries(
    instruction.getProperties().map((property) => [property.getName(), property.getValue() ?? '']),
  );
}

function flagsOf(instruction: Instruction): Record<string, string> {
  const flags = 'getFlags' in instruction ? (instruction as JSONInstruction).getFlags() : [];
  return Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? '']));
}

/** `["node", "main.js"]` at the end of the line, and nothing else, as a list. */
function execForm(instruction: Instruction): string[] | undefined {
  const text = /\[.*\]$/s.exec(instruction.getRawArgumentsContent() ?? '')?.[0];
  return text === undefined ? undefined : (JSON.parse(text) as string[]);
}
