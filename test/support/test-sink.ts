import type { View } from '../../src/domain/view.ts';
import type { Feed } from '../../src/services/feed/feed.ts';
import type { Frame } from '../../src/services/feed/event.ts';
import type { Sink, StreamHandle } from '../../src/services/feed/sink.ts';
import { SseParser } from '../../src/conformance/sse-parser.ts';
import { CheckedCopy } from '../../src/conformance/checked-copy.ts';

/** A reader without a socket: its client reads when the test lets it, into a checked copy. */
export class TestSink implements Sink {
  readonly copy: CheckedCopy;
  readonly gzip = false;
  readonly #view: View;
  readonly #waiters = new Set<() => void>();
  #handle: StreamHandle | undefined;
  #parser = new SseParser();
  #kept: Frame[] = [];
  #stuck = false;
  /** Bytes handed over while nobody read. */
  backlog = 0;
  ended = false;

  constructor(view: View) {
    this.#view = view;
    this.copy = new CheckedCopy(view);
  }

  get draining(): boolean {
    return this.#stuck && this.#kept.length > 0;
  }

  connect(feed: Feed, since: string | undefined = this.copy.lastEventId): void {
    this.#parser = new SseParser();
    this.copy.open();
    this.#handle = feed.open(this, { view: this.#view, since });
  }

  /** The connection is gone, with all that was on its way. */
  cut(): void {
    this.#kept = [];
    this.backlog = 0;
    this.#handle?.closed();
  }

  /** The client reads no more; the first frame from now on fills the socket. */
  stick(): void {
    this.#stuck = true;
  }

  unstick(): void {
    this.#stuck = false;
    for (const frame of this.#kept.splice(0)) this.#take(frame);
    this.backlog = 0;
    this.#handle?.drained();
  }

  write(frame: Frame): number {
    if (this.#stuck) {
      this.#kept.push(frame);
      this.backlog += frame.bare.length;
    } else {
      this.#take(frame);
    }
    return frame.bare.length;
  }

  cork(): void {
    return;
  }

  uncork(): void {
    return;
  }

  end(): void {
    this.ended = true;
    this.#handle?.closed();
  }

  destroy(): void {
    this.ended = true;
    this.cut();
  }

  /** Resolves when `holds`, asked again after each frame; rejects after `ceilingMs`. */
  async until(holds: (copy: CheckedCopy) => boolean, what: string, ceilingMs = 10_000): Promise<void> {
    if (holds(this.copy)) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not within ${ceilingMs} ms: ${what}`)), ceilingMs);
      const look = () => {
        if (!holds(this.copy)) return;
        clearTimeout(late);
        this.#waiters.delete(look);
        resolve();
      };
      this.#waiters.add(look);
    });
  }

  /** Resolves when the copy is exact at `cursor`. */
  async untilAt(cursor: string): Promise<void> {
    await this.until((copy) => copy.exact && copy.cursor === cursor, `exact at ${cursor}`);
  }

  #take(frame: Frame): void {
    for (const item of this.#parser.push(frame.bare)) if (item.type === 'event') this.copy.take(item);
    for (const look of this.#waiters) look();
  }
}
