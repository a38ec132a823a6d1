import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { viewHash, type View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { parseEventId } from '../../domain/event-id.ts';
import type { SnapshotReason } from './snapshot.ts';

/** What a client asks for. */
export interface StreamRequest {
  readonly view: View;
  /** What it sent back, verbatim. */
  readonly since: string | undefined;
}

/**
 * Where a reader starts: its own place in this history, or else with a snapshot, and why. Undefined when that cannot be
 * judged because the store is away.
 */
export async function startingPosition(
  { view, since }: StreamRequest,
  replica: Replica,
): Promise<Cursor | SnapshotReason | undefined> {
  const fresh = since === undefined || since === '';
  const id = fresh ? undefined : parseEventId(since);
  const { history, loaded } = replica;
  if (!loaded || (id && !history.has(id.cursor))) {
    // Another replica may have sent it what is still news here: judged by an old view, it would be sent back.
    // And before the first load even a reader of the empty history would be told that the map is empty.
    try {
      await replica.catchUp();
    } catch {
      return undefined;
    }
  }
  if (fresh) return 'initial';
  if (!id) return 'reset';
  if (id.partial || id.view !== viewHash(view)) return 'initial';
  if (replica.history.has(id.cursor)) return id.cursor;
  return revisionOf(id.cursor) < revisionOf(replica.history.base) ? 'gap' : 'reset';
}
