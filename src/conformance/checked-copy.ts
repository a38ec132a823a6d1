import { revisionOf, type Cursor } from '../domain/cursor.ts';
import { digestOf, formatDigest } from '../domain/digest.ts';
import { parseTileKey, type Tile } from '../domain/tile.ts';
import { formatRect, isWhole, viewHasCompositor, viewHasTile, WHOLE, type View } from '../domain/view.ts';
import { parseEventId, type EventId } from '../domain/event-id.ts';
import { isInstant, isObject, isTile, viewName } from './event-checks.ts';
import type { SseEvent } from './sse-parser.ts';

export interface Counts {
  connections: number;
  events: number;
  snapshots: number;
  patches: number;
  /** Patches without an id. */
  parts: number;
  synced: number;
  byes: number;
  /** Events of a name that nobody knows. */
  unknown: number;
}

/** The compositors and tiles of a frame; in a patch, `null` removes. */
interface Entries {
  readonly compositors: Record<string, { id?: unknown } | null>;
  readonly tiles: Record<string, Tile | null>;
}

/** Characters that one `data:` line, and one part, may have at most; the protocol counts bytes, which are no fewer. */
const SIZE = 65_536;

const KNOWN: readonly string[] = ['snapshot', 'patch', 'synced', 'bye'];
const REASONS: readonly unknown[] = ['initial', 'gap', 'reset'];

/**
 * A reader's own copy of what it sees, and the judge of who sends it: every breach of `openapi/event-stream.md`
 * is one line of {@link violations}. Does no I/O: it is told of each connection and of each event.
 */
export class CheckedCopy {
  readonly compositors = new Map<string, unknown>();
  readonly tiles = new Map<string, Tile>();
  readonly violations: string[] = [];
  readonly counts: Counts = {
    connections: 0,
    events: 0,
    snapshots: 0,
    patches: 0,
    parts: 0,
    synced: 0,
    byes: 0,
    unknown: 0,
  };

  readonly #view: View;
  #lastEventId: string | undefined;
  #position: EventId | undefined;
  /** The last exact cursor: what comes later may not be earlier, except in another history. */
  #floor: Cursor | undefined;
  #exact = false;
  #digestOk: boolean | null = null;
  #degraded = false;
  #retry: number | undefined;
  /** What was sent when this connection was opened, until its first frame has been judged. */
  #opened: { readonly sent: EventId | undefined } | undefined;
  #bye: string | undefined;

  constructor(view: View = WHOLE) {
    this.#view = view;
  }

  /** Whether the copy is what the manifest was at {@link cursor}. */
  get exact(): boolean {
    return this.#exact;
  }

  /** What to send as `Last-Event-ID`, verbatim. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /** The commit of the last id. */
  get cursor(): Cursor | undefined {
    return this.#position?.cursor;
  }

  /** Whether the last `synced` with a digest agreed with the copy; null when there was none. */
  get digestOk(): boolean | null {
    return this.#digestOk;
  }

  get degraded(): boolean {
    return this.#degraded;
  }

  /** Milliseconds, as the last `retry:` line said. */
  get retry(): number | undefined {
    return this.#retry;
  }

  /** The reason of the `bye` on this connection. */
  get bye(): string | undefined {
    return this.#bye;
  }

  /** Starts from what was read elsewhere: `GET /manifest`, or an earlier life of this reader. */
  seed(id: string, entries: { readonly compositors: object; readonly tiles: object }, exact = true): void {
    this.#clear();
    this.#put(entries as Entries);
    this.#lastEventId = id;
    this.#position = parseEventId(id);
    this.#exact = exact;
    this.#floor = this.#position?.partial === false ? this.#position.cursor : undefined;
  }

  /** A connection has been opened with {@link lastEventId}. */
  open(): void {
    this.counts.connections++;
    this.#opened = { sent: this.#position };
    this.#bye = undefined;
  }

  take(event: SseEvent): void {
    this.counts.events++;
    if (this.#bye !== undefined) this.#blame(`a ${event.event} after the bye`);
    if (event.longestLine > SIZE) this.#blame(`a data line of ${event.longestLine} characters`);
    if (event.retry !== undefined) this.#retry = event.retry;
    const id = event.id === undefined ? undefined : parseEventId(event.id);
    if (event.id !== undefined && !id) this.#blame(`the id ${JSON.stringify(event.id)} is none`);

    if (KNOWN.includes(event.event)) this.#obey(event, id, this.#json(event));
    else this.counts.unknown++;
    if (event.id === undefined) return;
    this.#lastEventId = event.id;
    this.#position = id;
    this.#exact = id !== undefined && !id.partial;
    if (id && this.#exact) this.#floor = id.cursor;
  }

  #obey(event: SseEvent, id: EventId | undefined, data: Record<string, unknown>): void {
    if (event.event === 'snapshot') this.#snapshot(id, data);
    else if (event.event === 'patch') this.#patch(id, data, event.data.length);
    else if (event.event === 'synced') this.#synced(id, data);
    else this.#goodbye(event, data);
    if (event.event !== 'bye') this.#opened = undefined;
  }

  #snapshot(id: EventId | undefined, data: Record<string, unknown>): void {
    this.counts.snapshots++;
    if (!id?.partial) this.#blame('a snapshot without a ~ in its id');
    if (!REASONS.includes(data.reason)) this.#blame(`a snapshot for ${JSON.stringify(data.reason)}`);
    const first = this.#opened !== undefined && !this.#opened.sent;
    if (first !== (data.reason === 'initial') && !this.#opened?.sent?.partial)
      this.#blame(`a snapshot for ${String(data.reason)} to a reader that sent ${first ? 'no' : 'an'} id`);
    if (id) this.#checkView(id);
    // A gap is a hole in one history, whatever the age of the snapshot that fills it.
    if (data.reason !== 'gap') this.#floor = undefined;
    this.#checkViewTold(data.view);
    this.#clear();
    this.#put(this.#entries('snapshot', data));
    this.#exact = false;
  }

  #patch(id: EventId | undefined, data: Record<string, unknown>, size: number): void {
    this.counts.patches++;
    if (!id) this.counts.parts++;
    this.#needSnapshot('patch');
    if (id) this.#step(id, 'patch');
    this.#instant('patch', data.time);
    const entries = this.#entries('patch', data);
    const several = Object.keys(entries.compositors).length + Object.keys(entries.tiles).length > 1;
    if (!id && several && size > SIZE) this.#blame(`a part of ${size} characters`);
    this.#put(entries);
    this.#exact = false;
  }

  #synced(id: EventId | undefined, data: Record<string, unknown>): void {
    this.counts.synced++;
    this.#needSnapshot('synced');
    if (!id) this.#blame('a synced without an id');
    else this.#step(id, 'synced');
    if (id && data.revision !== revisionOf(id.cursor))
      this.#blame(`synced says revision ${String(data.revision)} under ${id.cursor}`);
    this.#instant('synced', data.time);
    if (typeof data.degraded !== 'boolean') this.#blame('synced does not say whether it is degraded');
    this.#degraded = data.degraded === true;
    this.#compareDigest(data.digest);
  }

  #compareDigest(digest: unknown): void {
    if (!isWhole(this.#view)) {
      if (digest !== null) this.#blame(`a digest, ${JSON.stringify(digest)}, for a filtered view`);
      return;
    }
    const mine = formatDigest(digestOf(this.tiles));
    this.#digestOk = digest === mine;
    if (!this.#digestOk) this.#blame(`the digest is ${JSON.stringify(digest)}, my copy's ${mine}`);
  }

  #goodbye(event: SseEvent, data: Record<string, unknown>): void {
    this.counts.byes++;
    if (event.id !== undefined) this.#blame('a bye with an id');
    if (event.retry === undefined) this.#blame('a bye without retry');
    if (typeof data.reason !== 'string') this.#blame('a bye without a reason');
    this.#bye = String(data.reason);
  }

  /** A reader that has nothing, or half a map, must be given a snapshot first. */
  #needSnapshot(event: string): void {
    const half = this.#opened && (!this.#opened.sent || this.#opened.sent.partial);
    if (half || !this.#lastEventId) this.#blame(`a ${event} before a snapshot`);
  }

  #step(id: EventId, event: string): void {
    this.#checkView(id);
    if (id.partial) this.#blame(`a ${event} with a ~ in its id`);
    const half = this.#position?.partial ? this.#position.cursor : undefined;
    for (const before of [half, this.#floor]) {
      if (!before) continue;
      const step = revisionOf(id.cursor) - revisionOf(before);
      if (step < 0) this.#blame(`${event} ${id.cursor} after ${before}: back in time`);
      else if (step === 0 && id.cursor !== before)
        this.#blame(`${event} ${id.cursor} after ${before}: another history`);
      else if (step === 0 && event === 'patch' && !half) this.#blame(`patch ${id.cursor} twice`);
    }
  }

  #checkView(id: EventId): void {
    if ((id.view === '') !== isWhole(this.#view))
      this.#blame(`the id's view is ${id.view || 'the whole map'}`);
    else if (this.#position && this.#position.view !== id.view)
      this.#blame(`the view's hash turned from ${this.#position.view} to ${id.view}`);
  }

  #checkViewTold(said: unknown): void {
    const { rect, compositors } = this.#view;
    const view = viewName(rect ? formatRect(rect) : null, compositors ? [...compositors] : null);
    const told = isObject(said) ? viewName(said.rect, said.compositors) : 'nothing';
    if (told !== view) this.#blame(`a snapshot of ${told}, not of ${view}`);
  }

  #entries(event: string, data: Record<string, unknown>): Entries {
    const { compositors, tiles } = data;
    if (isObject(compositors) && isObject(tiles)) return { compositors, tiles } as unknown as Entries;
    this.#blame(`a ${event} without compositors or tiles`);
    return { compositors: {}, tiles: {} };
  }

  #put({ compositors, tiles }: Entries): void {
    for (const [id, entry] of Object.entries(compositors)) {
      if (!viewHasCompositor(this.#view, id)) this.#blame(`compositor ${id} is not in view`);
      if (entry === null) this.compositors.delete(id);
      else if (entry.id === id) this.compositors.set(id, entry);
      else this.#blame(`compositor ${id} calls itself ${String(entry.id)}`);
    }
    for (const [key, tile] of Object.entries(tiles)) {
      if (!parseTileKey(key)) this.#blame(`the tile key ${JSON.stringify(key)}`);
      else if (tile === null) this.tiles.delete(key);
      else if (!isTile(tile)) this.#blame(`tile ${key} is ${JSON.stringify(tile)}`);
      else if (!viewHasTile(this.#view, key, tile)) this.#blame(`tile ${key} is not in view`);
      else this.tiles.set(key, tile);
    }
  }

  #clear(): void {
    this.compositors.clear();
    this.tiles.clear();
  }

  #json(event: SseEvent): Record<string, unknown> {
    try {
      const data: unknown = JSON.parse(event.data);
      if (isObject(data)) return data;
    } catch {
      // Blamed below.
    }
    this.#blame(`a ${event.event} whose data is no JSON object`);
    return {};
  }

  #instant(event: string, time: unknown): void {
    if (!isInstant(time)) this.#blame(`a ${event} at ${JSON.stringify(time)}`);
  }

  #blame(what: string): void {
    // Ten thousand readers of one bug must not fill the memory.
    if (this.violations.length < 100) this.violations.push(`${what} (event ${this.counts.events})`);
  }
}
