import { revisionOf, type Cursor } from '../domain/cursor.ts';
import { digestOf, formatDigest } from '../domain/digest.ts';
import { isObject, parseJson } from '../domain/json.ts';
import { forgetOutside } from '../domain/view-change.ts';
import { isWhole, viewText, WHOLE, type View } from '../domain/view.ts';
import { parseEventId, type EventId } from '../domain/event-id.ts';
import { readEntries, type Entries } from './entry-checks.ts';
import { isInstant, readView } from './event-checks.ts';
import { HeldEntries } from './held-entries.ts';
import type { SseEvent } from './sse-parser.ts';

/** Longest `data:` line, and largest part, in characters; the protocol counts bytes, which are no fewer. */
const MAX_SIZE = 65_536;

const KNOWN_EVENTS: readonly string[] = ['opened', 'snapshot', 'view', 'patch', 'synced', 'bye'];
const REASONS: readonly unknown[] = ['initial', 'gap', 'reset'];

/**
 * A reader's own copy of what its view shows, which checks every event against `openapi/event-stream.md`: each breach
 * is one line of {@link violations}. It does no I/O: its owner passes each connection and each event to it.
 */
export class CheckedCopy {
  readonly #held = new HeldEntries();
  readonly compositors = this.#held.compositors;
  readonly regions = this.#held.regions;
  readonly tiles = this.#held.tiles;
  /** Of an overview, instead of tiles. */
  readonly areas = this.#held.areas;
  readonly violations: string[] = [];
  readonly counts = {
    connections: 0,
    events: 0,
    snapshots: 0,
    patches: 0,
    /** Patches without an id. */
    parts: 0,
    synced: 0,
    /** Changes of the view. */
    reAims: 0,
    byes: 0,
    /** Events whose name the protocol does not define. */
    unknown: 0,
  };

  /** What to send as `Last-Event-ID`, verbatim. */
  lastEventId: string | undefined;
  /** Whether the copy is what the manifest was at {@link cursor}. */
  exact = false;
  /** Whether the last `synced` with a digest agreed with the copy; null when there was none. */
  digestOk: boolean | null = null;
  degraded = false;
  /** Milliseconds, as the last `retry:` line said. */
  retry: number | undefined;
  /** The reason of this connection's `bye`; undefined before it. */
  bye: string | undefined;
  /** The id of this connection's stream; undefined before `opened`. */
  stream: string | undefined;

  #view: View;
  /** What the stream showed that sent the last id. */
  #viewOfId: View;
  #position: EventId | undefined;
  /** The last exact cursor: later ids may not go back before it, except in another history. */
  #lastExact: Cursor | undefined;
  /** What the client sent when it opened this connection; undefined after the first event that says something of the map. */
  #opening: { readonly sent: EventId | undefined; readonly otherView: boolean } | undefined;
  /** The view has changed while the copy was not exact: what it lacks is not known, and only a snapshot can bring it. */
  #lacksSnapshot = false;

  constructor(view: View = WHOLE) {
    this.#view = this.#viewOfId = view;
  }

  /** What the stream shows. */
  get view(): View {
    return this.#view;
  }

  /** The commit of the last id. */
  get cursor(): Cursor | undefined {
    return this.#position?.cursor;
  }

  /** Starts from a copy that was read elsewhere: from `GET /manifest`, or by an earlier reader. */
  seed(
    id: string,
    entries: { compositors: object; regions?: object; tiles?: object; areas?: object },
    exact = true,
  ): void {
    this.#held.clear();
    this.#applyEntries(entries as Entries);
    this.lastEventId = id;
    this.#position = parseEventId(id);
    this.exact = exact;
    this.#lastExact = this.#position?.partial === false ? this.#position.cursor : undefined;
  }

  /** A connection has been opened with {@link lastEventId}, perhaps for another view than the one before. */
  open(view = this.#view): void {
    this.counts.connections++;
    this.#opening = { sent: this.#position, otherView: viewText(view) !== viewText(this.#viewOfId) };
    this.#view = view;
    this.#lacksSnapshot = false;
    this.bye = undefined;
    this.stream = undefined;
  }

  take(event: SseEvent): void {
    this.counts.events++;
    if (this.bye !== undefined) this.#violation(`a ${event.event} after the bye`);
    if (event.longestLine > MAX_SIZE) this.#violation(`a data line of ${event.longestLine} characters`);
    if (event.retry !== undefined) this.retry = event.retry;
    const id = event.id === undefined ? undefined : parseEventId(event.id);
    if (event.id !== undefined && !id)
      this.#violation(`the id ${JSON.stringify(event.id)} is not an event id`);

    if (KNOWN_EVENTS.includes(event.event)) this.#takeKnown(event, id, this.#parse(event));
    else this.counts.unknown++;
    if (event.id === undefined) return;
    this.lastEventId = event.id;
    this.#position = id;
    this.#viewOfId = this.#view;
    this.exact = id !== undefined && !id.partial;
    if (id && this.exact) this.#lastExact = id.cursor;
  }

  #takeKnown(event: SseEvent, id: EventId | undefined, data: Record<string, unknown>): void {
    if (event.event === 'opened') return this.#takeOpened(event, data);
    if (event.event === 'snapshot') this.#takeSnapshot(id, data);
    else if (event.event === 'view') this.#takeView(id, data);
    else if (event.event === 'patch') this.#takePatch(id, data, event.data.length);
    else if (event.event === 'synced') this.#takeSynced(id, data);
    else this.#takeBye(event, data);
    if (event.event !== 'bye') this.#opening = undefined;
  }

  #takeOpened(event: SseEvent, { stream }: Record<string, unknown>): void {
    if (!this.#opening || this.stream !== undefined) this.#violation('an opened in the middle of a stream');
    if (event.id !== undefined) this.#violation('an opened with an id');
    if (typeof stream === 'string' && stream !== '') this.stream = stream;
    else this.#violation('an opened without the id of a stream');
  }

  #takeView(id: EventId | undefined, data: Record<string, unknown>): void {
    this.counts.reAims++;
    if (!id?.partial) this.#violation('a view without a ~ in its id');
    const view = readView(data.view);
    if (!view) return this.#violation(`a view that is ${JSON.stringify(data.view)}`);
    if (id && (id.view === '') !== isWhole(view))
      this.#violation(`the id's view is ${id.view || 'the whole map'}`);
    // Of an overview nothing is kept.
    const isOverview = this.#view.zoom !== undefined || view.zoom !== undefined;
    if (!this.exact || this.#opening?.otherView || isOverview) this.#lacksSnapshot = true;
    this.#view = view;
    forgetOutside(this, view);
    this.areas.clear();
    this.exact = false;
  }

  #takeSnapshot(id: EventId | undefined, data: Record<string, unknown>): void {
    this.counts.snapshots++;
    if (!id?.partial) this.#violation('a snapshot without a ~ in its id');
    if (!REASONS.includes(data.reason)) this.#violation(`a snapshot for ${JSON.stringify(data.reason)}`);
    const first = this.#opening !== undefined && !this.#opening.sent;
    const sentPartOf = this.#opening?.sent?.partial === true || this.#opening?.otherView === true;
    const afterView = this.#opening === undefined && this.#lacksSnapshot;
    if (first !== (data.reason === 'initial') && !sentPartOf && !afterView)
      this.#violation(
        `a snapshot for ${String(data.reason)} to a reader that sent ${first ? 'no' : 'an'} id`,
      );
    if (id) this.#checkView(id);
    // After a gap the history is still the same one: ids may not go back, however old the snapshot is.
    if (data.reason !== 'gap') this.#lastExact = undefined;
    this.#lacksSnapshot = false;
    this.#checkSnapshotView(data.view);
    this.#held.clear();
    this.#applyEntries(this.#entries('snapshot', data));
    this.exact = false;
  }

  #takePatch(id: EventId | undefined, data: Record<string, unknown>, size: number): void {
    this.counts.patches++;
    if (!id) this.counts.parts++;
    this.#needSnapshot('patch');
    if (id) this.#checkOrder(id, 'patch');
    if (!isInstant(data.time)) this.#violation(`a patch at ${JSON.stringify(data.time)}`);
    const entries = this.#entries('patch', data);
    const { compositors, regions = {}, tiles = {}, areas = {} } = entries;
    const several = [compositors, regions, tiles, areas].flatMap((each) => Object.keys(each)).length > 1;
    if (!id && several && size > MAX_SIZE) this.#violation(`a part of ${size} characters`);
    this.#applyEntries(entries);
    this.exact = false;
  }

  #takeSynced(id: EventId | undefined, data: Record<string, unknown>): void {
    this.counts.synced++;
    this.#needSnapshot('synced');
    if (!id) this.#violation('a synced without an id');
    else this.#checkOrder(id, 'synced');
    if (id && data.revision !== revisionOf(id.cursor))
      this.#violation(`synced says revision ${String(data.revision)} under ${id.cursor}`);
    if (!isInstant(data.time)) this.#violation(`a synced at ${JSON.stringify(data.time)}`);
    if (typeof data.degraded !== 'boolean') this.#violation('synced does not say whether it is degraded');
    this.degraded = data.degraded === true;
    this.#compareDigest(data.digest);
  }

  #compareDigest(digest: unknown): void {
    // One of a filtered view may be too dear to find.
    if (digest === null && !isWhole(this.#view)) return;
    const own = formatDigest(digestOf(this.tiles));
    this.digestOk = digest === own;
    if (!this.digestOk) this.#violation(`the digest is ${JSON.stringify(digest)}, that of the copy ${own}`);
  }

  #takeBye(event: SseEvent, data: Record<string, unknown>): void {
    this.counts.byes++;
    if (event.id !== undefined) this.#violation('a bye with an id');
    if (event.retry === undefined) this.#violation('a bye without retry');
    if (typeof data.reason !== 'string') this.#violation('a bye without a reason');
    this.bye = String(data.reason);
  }

  /** A reader that has nothing, or only a part of the map, must be sent a snapshot first. */
  #needSnapshot(event: string): void {
    const { sent, otherView } = this.#opening ?? {};
    const incomplete = this.#opening && (!sent || sent.partial || otherView);
    if (incomplete || this.#lacksSnapshot || !this.lastEventId)
      this.#violation(`a ${event} before a snapshot`);
  }

  #checkOrder(id: EventId, event: string): void {
    this.#checkView(id);
    if (id.partial) this.#violation(`a ${event} with a ~ in its id`);
    const snapshotAt = this.#position?.partial ? this.#position.cursor : undefined;
    for (const before of [snapshotAt, this.#lastExact]) {
      if (!before) continue;
      const step = revisionOf(id.cursor) - revisionOf(before);
      if (step < 0) this.#violation(`${event} ${id.cursor} after ${before}: back in time`);
      else if (step === 0 && id.cursor !== before)
        this.#violation(`${event} ${id.cursor} after ${before}: another history`);
      else if (step === 0 && event === 'patch' && !snapshotAt) this.#violation(`patch ${id.cursor} twice`);
    }
  }

  #checkView(id: EventId): void {
    if ((id.view === '') !== isWhole(this.#view))
      this.#violation(`the id's view is ${id.view || 'the whole map'}`);
    else if (this.#position && this.#position.view !== id.view && !this.#opening?.otherView)
      this.#violation(`the view's hash turned from ${this.#position.view} to ${id.view}`);
  }

  #checkSnapshotView(received: unknown): void {
    const view = readView(received);
    if (!view || viewText(view) !== viewText(this.#view))
      this.#violation(
        `a snapshot of ${JSON.stringify(received)}, not of ${viewText(this.#view) || 'the whole map'}`,
      );
  }

  #entries(event: string, data: Record<string, unknown>): Entries {
    const entries = readEntries(data, this.#view);
    if (!entries) this.#violation(`a ${event} without compositors, or the other map of its view`);
    return entries ?? { compositors: {} };
  }

  #applyEntries(entries: Entries): void {
    this.#held.apply(entries, this.#view, (fault) => this.#violation(fault));
  }

  #parse(event: SseEvent): Record<string, unknown> {
    const data = parseJson(event.data);
    if (isObject(data)) return data;
    this.#violation(`a ${event.event} whose data is not a JSON object`);
    return {};
  }

  #violation(description: string): void {
    // A bug that shows in every event must not fill the memory.
    if (this.violations.length < 100) this.violations.push(`${description} (event ${this.counts.events})`);
  }
}
