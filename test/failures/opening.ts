import { openStream, type EventStream } from '../../src/conformance/event-source.ts';
import type { SseEvent } from '../../src/conformance/sse-parser.ts';

export interface Opening {
  readonly stream: EventStream;
  /** After `opened`, which names the stream, up to the first `synced` or `bye`, with that. */
  readonly events: readonly SseEvent[];
  readonly names: string;
  /** The `reason` of the first event. */
  readonly reason: string | undefined;
  /** What the events so far leave in the cells. */
  readonly tiles: ReadonlyMap<string, { brick: string }>;
  /** The id of the last event. */
  readonly id: string | undefined;
  /** The next event of this stream; undefined at its end. */
  next(): Promise<SseEvent | undefined>;
}

/** What a stream says first, to a client that sends `lastEventId`. The stream is cut when `t` ends. */
export async function readOpening(
  t: { teardown(run: () => unknown): void },
  url: string,
  lastEventId?: string,
): Promise<Opening> {
  const stream = await openStream({ url, lastEventId, signal: AbortSignal.timeout(20_000) });
  t.teardown(() => stream.destroy());
  const items = stream[Symbol.asyncIterator]();
  const next = async () => {
    for (;;) {
      const item = await items.next();
      if (item.done === true) return undefined;
      if (item.value.type === 'event' && item.value.event !== 'opened') return item.value;
    }
  };
  const events: SseEvent[] = [];
  const tiles = new Map<string, { brick: string }>();
  for (let event = await next(); event; event = await next()) {
    events.push(event);
    if (event.event === 'snapshot') tiles.clear();
    const data = JSON.parse(event.data) as { tiles?: Record<string, { brick: string } | null> };
    for (const [key, tile] of Object.entries(data.tiles ?? {})) {
      if (tile) tiles.set(key, tile);
      else tiles.delete(key);
    }
    if (event.event === 'synced' || event.event === 'bye') break;
  }
  const first = JSON.parse(events[0]?.data ?? '{}') as { reason?: string };
  return {
    stream,
    events,
    names: events.map((event) => event.event).join(' '),
    reason: first.reason,
    tiles,
    id: events.at(-1)?.id,
    next,
  };
}
