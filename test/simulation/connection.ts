import type { View } from '../../src/domain/view.ts';
import type { Frame } from '../../src/services/feed/event.ts';
import type { Sink, StreamHandle } from '../../src/services/feed/sink.ts';
import { SseParser, type SseItem } from '../../src/conformance/sse-parser.ts';
import type { Daemon } from './daemon.ts';
import type { SimReader } from './sim-reader.ts';
import type { World } from './world.ts';

/** Frames are shared by their readers: each is parsed once. Every frame holds whole events. */
const parsed = new WeakMap<Frame, SseItem[]>();

/** One stream: frames on their way from a feed to a reader, in order, until it is cut. */
export class Connection implements Sink {
  readonly gzip = false;
  readonly #world: World;
  readonly #daemon: Daemon;
  readonly #reader: SimReader;
  readonly #handle: StreamHandle;
  #queue: Frame[] = [];
  #draining = false;
  #ended = false;
  #cut = false;
  #pumping = false;

  constructor(world: World, daemon: Daemon, reader: SimReader, view: View) {
    this.#world = world;
    this.#daemon = daemon;
    this.#reader = reader;
    daemon.connections.add(this);
    this.#handle = daemon.feed.open(this, { view, since: reader.copy.lastEventId });
  }

  /** The feed has not ended it, and nothing has cut it. */
  get isOpen(): boolean {
    return !this.#ended && !this.#cut;
  }

  get draining(): boolean {
    return this.#draining;
  }

  write(frame: Frame): number {
    if (this.#cut) return 0;
    if (this.#ended) this.#world.report.violation('WRITE-AFTER-END', this.#reader.name);
    this.#queue.push(frame);
    const { random, profile, peace } = this.#world;
    if (!peace && random.chance(profile.draining)) this.#draining = true;
    this.#pumpLater();
    return frame.bare.length;
  }

  cork(): void {
    return;
  }

  uncork(): void {
    return;
  }

  end(): void {
    this.#ended = true;
    this.#pumpLater();
  }

  destroy(): void {
    this.cut();
  }

  /** The connection breaks here and now: what is on its way is lost, and the daemon hears of it later. */
  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#queue = [];
    this.#close();
    this.#reader.lost(this);
  }

  #pumpLater(): void {
    if (this.#pumping || this.#cut) return;
    this.#pumping = true;
    const { agenda, random, peace } = this.#world;
    // A client that does not read for a while.
    const slow = !peace && this.#draining && random.chance(0.15);
    agenda.after(slow ? random.between(50, 2500) : random.spread(1), undefined, () => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    if (this.#cut) return;
    const { random, peace } = this.#world;
    let count = peace ? this.#queue.length : 1 + random.int(this.#queue.length);
    while (count-- > 0 && this.#reader.connection === this) {
      const frame = this.#queue.shift();
      if (frame) for (const item of itemsOf(frame)) if (item.type === 'event') this.#reader.take(item);
    }
    if (this.#queue.length > 0) return this.#pumpLater();
    if (this.#ended) {
      this.#cut = true;
      this.#close();
      this.#reader.lost(this);
    } else if (this.#draining) {
      this.#draining = false;
      this.#world.agenda.after(random.next(), this.#daemon.process, () => this.#handle.drained());
    }
  }

  #close(): void {
    const { agenda, random } = this.#world;
    this.#daemon.connections.delete(this);
    const late = random.chance(0.2) ? random.between(0, 3000) : random.spread(1);
    agenda.after(late, this.#daemon.process, () => this.#handle.closed());
  }
}

function itemsOf(frame: Frame): SseItem[] {
  let items = parsed.get(frame);
  if (!items) parsed.set(frame, (items = new SseParser().push(frame.bare)));
  return items;
}
