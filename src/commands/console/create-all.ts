import { fromEither } from '../../config/from-file.ts';
import { formatProblem, type RawConfig } from '../../config/raw-config.ts';
import { readCompositors } from '../../config/read-compositors.ts';
import { tryReadFile } from '../../config/read-file.ts';
import type { StaticCompositor } from '../../domain/registration.ts';
import { CommandError } from '../command.ts';
import { printable } from '../printable.ts';
import { throwFailures, type Call, type ConsoleContext } from './verb.ts';

/** Seconds: the maximum, since nothing but its own connection renews the lease of a compositor that was created by hand. */
export const TTL = 86_400;
/** Registrations under way at a time. */
const AT_ONCE = 8;
/** Fields that only a configuration has: whoever registers over HTTP has the limits of a token, and shows no secret to the daemon. */
const CONFIGURATION_ONLY = ['auth', 'limits'];

/** Registers the compositors of a file, a list or sections as in a configuration; an error with one stops no other. */
export async function createAll({ context, signal }: Call, path: string): Promise<void> {
  const compositors = readAll(context, path);
  if (compositors.length === 0) context.print('None.');
  const failures: string[] = [];
  for (let at = 0; at < compositors.length; at += AT_ONCE) {
    const some = compositors.slice(at, at + AT_ONCE);
    const outcomes = await Promise.allSettled(some.map((each) => create(context, each, signal)));
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') context.print(outcome.value);
      else if (!(outcome.reason instanceof CommandError) || signal.aborted) throw outcome.reason as Error;
      else failures.push(`${printable(some[i]!.id)}: ${outcome.reason.message}`);
    }
  }
  throwFailures(failures);
}

async function create(
  { daemon }: ConsoleContext,
  { enabled = true, ...description }: StaticCompositor,
  signal: AbortSignal,
): Promise<string> {
  const { compositor } = await daemon.register({ ttl: TTL, ...description }, signal);
  return describe(
    enabled ? compositor : (await daemon.change(compositor.id, { enabled }, signal)).compositor,
  );
}

/** Every compositor of the file. Throws with everything that is wrong with it. */
function readAll({ readFile }: ConsoleContext, path: string): StaticCompositor[] {
  const file = tryReadFile(path, readFile);
  if ('problem' in file) throw new CommandError(printable(file.problem));
  const raw = fromEither(file.text.replace(/^\uFEFF/, ''), path);
  const problems = [...raw.problems, ...forConfigurations(raw)];
  const { compositors } = readCompositors([raw.compositors], problems, readFile);
  if (problems.length > 0) throw new CommandError(problems.map(formatProblem).map(printable).join('\n'));
  return compositors;
}

function forConfigurations({ compositors }: RawConfig) {
  return compositors.flatMap(({ fields }) =>
    CONFIGURATION_ONLY.flatMap((field) => {
      const value = fields.get(field);
      return value
        ? [{ where: value.where, message: `${field} is for the configuration of the daemon` }]
        : [];
    }),
  );
}

export function describe({ id, status }: { id: string; status: string }): string {
  return `${printable(id)} is ${printable(status)}`;
}
