import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { parseEventId } from '../../domain/event-id.ts';
import { viewHash, type View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import type { SnapshotReason } from './snapshot.ts';

/** What a client asks for. */
export interface StreamRequest {
  readonly view: View;
  /** The event id that it sent back, verbatim. */
  readonly since: string | undefined;
  /** The key of the principal whose stream it is; absent: of anyone without a token. */
  readonly owner?: string;
}

/**
 * Where a reader starts: after a cursor of this history, or with a snapshot for a reason. Undefined when the store is
 * away and the replica cannot tell.
 */
export async function startingPosition(
  { view, since }: StreamRequest,
  replica: Replica,
): Promise<Cursor | SnapshotReason | undefined> {
  const isNew = since === undefined || since === '';
  const id = isNew ? undefined : parseEventId(since);
  const { history, loaded } = replica.copy;
  if (!loaded || (id && !history.has(id.cursor))) {
    // Another replica may have sent a commit that this one has not seen: without a catch-up its reader would be sent back.
    // Before the first load even a reader of the empty history would be told that the map is empty.
    try {
      await replica.catchUp();
    } catch {
      return undefined;
    }
  }
  if (isNew) return 'initial';
  if (!id) return 'reset';
  if (id.partial || id.view !== viewHash(view)) return 'initial';
  if (replica.copy.history.has(id.cursor)) return id.cursor;
  return revisionOf(id.cursor) < revisionOf(replica.copy.history.base) ? 'gap' : 'reset';
}
