import type { Cursor } from '../../src/domain/cursor.ts';
import type { Store } from '../../src/domain/store.ts';
import { eventually } from '../failures/eventually.ts';

/** Milliseconds: a ceiling for a machine on which everything runs at once. */
const CEILING = 60_000;

/** The error that a start ends with. One that got no answer in its time waits for its store instead, and is tried again. */
export async function startError(open: () => Promise<unknown>): Promise<unknown> {
  let error: unknown;
  const fails = () =>
    open().then(
      () => false,
      (thrown: unknown) => {
        error = thrown;
        return true;
      },
    );
  await eventually(fails, 'the start ends with an error', CEILING);
  return error;
}

/** The head, as soon as the store answers. */
export async function headOf(store: Store): Promise<Cursor> {
  let head: Cursor | undefined;
  const answers = () =>
    store.head().then(
      (answer) => {
        head = answer;
        return true;
      },
      () => false,
    );
  await eventually(answers, 'the store answers', CEILING);
  return head!;
}
