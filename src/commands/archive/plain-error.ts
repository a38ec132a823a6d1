import { ArchiveError } from '../../domain/archive.ts';
import { CommandError, UsageError } from '../command.ts';
import { printable } from '../printable.ts';
import { isBug } from '../start-error.ts';

/** The error for the operator, in one line that says which file it is about; a bug stays as it is, because its stack is needed. */
export function plainError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof CommandError || error instanceof UsageError) return error;
  if (error instanceof ArchiveError) return new CommandError(printable(`${file} ${error.message}`));
  return isBug(error) ? error : new CommandError(printable(error.message.split('\n', 1)[0]!));
}
