import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { parseEventId, type EventId } from '../../domain/event-id.ts';
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

/** After a cursor of this history, or with a snapshot for a reason; undefined when the store is away and the replica cannot tell. */
export type StartingPosition = Cursor | SnapshotReason | undefined;

/** Where a reader starts: at once, unless the store has to be asked. */
export function startingPosition(
  request: StreamRequest,
  replica: Replica,
): StartingPosition | Promise<StartingPosition> {
  const { since } = request;
  const id = since === undefined || since === '' ? undefined : parseEventId(since);
  const { history, loaded } = replica.copy;
  if (!loaded || (id && !history.has(id.cursor))) {
    // Another replica may have sent a commit that this one has not seen: without a catch-up its reader would be sent back.
    // Before the first load even a reader of the empty history would be told that the map is empty.
    return replica.catchUp().then(
      () => positionOf(request, id, replica),
      () => undefined,
    );
  }
  return positionOf(request, id, replica);
}

function positionOf(
  { view, since }: StreamRequest,
  id: EventId | undefined,
  { copy: { history } }: Replica,
): Cursor | SnapshotReason {
  if (since === undefined || since === '') return 'initial';
  if (!id) return 'reset';
  if (id.partial || id.view !== viewHash(view)) return 'initial';
  if (history.has(id.cursor)) return id.cursor;
  return revisionOf(id.cursor) < revisionOf(history.base) ? 'gap' : 'reset';
}
