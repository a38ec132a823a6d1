import { sleep, withDeadline } from '../../concurrency/timeout.ts';
import type { Claims } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import { hasEndpoint, type Compositor } from '../../domain/compositor.ts';
import type { LinkEnd } from '../../domain/connector.ts';
import { Counter } from '../../domain/counter.ts';
import { LINK_ENDS, linkEndOf } from '../../domain/link-end.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { Connections } from './connections.ts';
import type { Link } from './link.ts';
import type { Ownership } from './ownership.ts';

export interface LinksOptions {
  readonly ownership: Ownership;
  readonly connections: Connections;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  /** The compositor's entry in the manifest. */
  readonly entryOf: (id: string) => Compositor | undefined;
  /** A link has begun or ended: what is to be held may be another. */
  readonly changed: (id: string) => void;
}

/** How the owner of a socket reports to the links. */
export interface LinkHandle {
  /** Ends the link, unless it has ended. */
  end(end: LinkEnd): void;
  /** The socket has closed. */
  closed(): void;
}

/** The topic under which a replica that has a new link asks the one that holds the claim to let go. */
const MOVED = 'supervisor.link-moved';
interface Moved {
  readonly id: string;
  /** Milliseconds for which that link has been open: the clocks of two machines need not agree. */
  readonly age: number;
}
/** The answer of one that has a younger link. */
const YOUNGER = 'younger';
/** Milliseconds: a free claim is held by then. */
const CLAIM_TIME = 300;
/** Milliseconds for the replica with the new link to take the claim that was let go. */
const TAKE_TIME = 2000;
/** Milliseconds for another replica to let go, and until it is asked again. */
const RELEASE_TIME = 1000;

/** Why a link ended, where the daemon has not ended it: its compositor has, or the network. */
export const LINK_CLOSED = 'closed';

/** The links that compositors opened to this replica: at most one each, on all replicas together. */
export class Links {
  /** By reason. */
  readonly ended = new Counter();
  readonly #options: LinksOptions;
  readonly #links = new Map<string, Link>();
  /** When each was opened, by this process's monotonic clock. */
  readonly #openedAt = new WeakMap<Link, number>();
  /** Links whose claim this replica is getting. */
  readonly #claiming = new Set<Link>();
  #opened = 0;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Starts to let go of what moves to other replicas; returns how to stop. */
  start(): () => void {
    const { peerBus, ownership, claims, clock, entryOf, changed } = this.#options;
    return peerBus.handle(MOVED, async (message) => {
      const { id, age } = message as Moved;
      const entry = entryOf(id);
      // By now this replica is to connect to it.
      if (entry && hasEndpoint(entry)) return null;
      const link = this.#links.get(id);
      if (link && this.#ageOf(link) < age) return YOUNGER;
      this.end(id, LINK_ENDS.replaced);
      ownership.forget([id]);
      await claims.release(peerBus.self, [id]);
      // When the other replica has the claim, this one waits for its end again, like all others.
      clock.after(TAKE_TIME, () => changed(id));
      return null;
    });
  }

  /** How many are open. */
  get open(): number {
    return this.#links.size;
  }

  /** How many were opened until now, also those that were ended at once. */
  get opened(): number {
    return this.#opened;
  }

  has(id: string): boolean {
    return this.#links.has(id);
  }

  /** The compositors whose link is here and answered when it was probed last. */
  *alive(): Generator<Compositor, void, undefined> {
    const { entryOf, connections } = this.#options;
    for (const id of this.#links.keys()) {
      const entry = entryOf(id);
      if (entry && connections.get(id)?.health.failures === 0) yield entry;
    }
  }

  /** Speaks with the compositor over `link`, instead of one that it opened before. */
  take(id: string, link: Link): LinkHandle {
    const { connections, ownership, entryOf, changed } = this.#options;
    const isCurrent = () => this.#links.get(id) === link;
    this.#opened += 1;
    const end = linkEndOf(entryOf(id), link.writer.generation);
    if (end) this.#end(link, end);
    else {
      this.end(id, LINK_ENDS.replaced);
      this.#links.set(id, link);
      this.#openedAt.set(link, this.#options.clock.monotonic());
      connections.open(id, 0, link);
      ownership.wantHere(id);
      changed(id);
      this.#claim(id, link);
    }
    return {
      end: (end) => {
        if (isCurrent()) this.end(id, end);
      },
      closed: () => {
        if (!isCurrent()) return;
        this.#links.delete(id);
        this.ended.add(LINK_CLOSED);
        changed(id);
      },
    };
  }

  /** Ends the link of `id`, if there is one here. */
  end(id: string, end: LinkEnd): void {
    const link = this.#links.get(id);
    if (!link) return;
    this.#links.delete(id);
    this.#end(link, end);
    this.#options.connections.close(id);
  }

  endAll(end: LinkEnd): void {
    for (const id of [...this.#links.keys()]) this.end(id, end);
  }

  /** Ends the link of `id` if the manifest no longer allows it; returns whether it did. */
  follow(id: string): boolean {
    const link = this.#links.get(id);
    const end = link && linkEndOf(this.#options.entryOf(id), link.writer.generation);
    if (end) this.end(id, end);
    return end !== undefined;
  }

  /** The claim on the connection of `id` was lost: the link is here all the same. */
  claimLost(id: string): void {
    const link = this.#links.get(id);
    if (link) this.#claim(id, link);
  }

  /** The compositor has opened another link since, elsewhere. */
  #giveWay(id: string, link: Link): void {
    if (this.#links.get(id) !== link) return;
    this.end(id, LINK_ENDS.replaced);
    this.#options.changed(id);
  }

  #end(link: Link, end: LinkEnd): void {
    this.ended.add(end.reason);
    link.dialed.end(end);
  }

  #ageOf(link: Link): number {
    return this.#options.clock.monotonic() - (this.#openedAt.get(link) ?? -Infinity);
  }

  #claim(id: string, link: Link): void {
    if (this.#claiming.has(link)) return;
    this.#claiming.add(link);
    void this.#untilHeld(id, link).finally(() => this.#claiming.delete(link));
  }

  /** Until this replica holds the claim, asks whoever holds it to let go. A replica that has died lets go when its claim runs out. */
  async #untilHeld(id: string, link: Link): Promise<void> {
    const { ownership, peerBus, clock } = this.#options;
    await sleep(clock, CLAIM_TIME);
    while (this.#links.get(id) === link && !ownership.holds(id)) {
      const holder = await ownership.holderOf(id).catch(() => undefined);
      if (holder !== undefined && holder !== peerBus.self) {
        const moved: Moved = { id, age: this.#ageOf(link) };
        const letGo = (deadline: AbortSignal) => peerBus.request(holder, MOVED, moved, deadline);
        const answer = await withDeadline(clock, RELEASE_TIME, letGo).catch(() => undefined);
        if (answer === YOUNGER) return this.#giveWay(id, link);
        if (answer !== undefined) ownership.released(holder, [id]);
      }
      await sleep(clock, RELEASE_TIME);
    }
  }
}
