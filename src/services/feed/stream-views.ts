import { withDeadline } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import { PeerRequestError, type PeerBus } from '../../domain/peer-bus.ts';
import type { ViewChange } from '../../domain/view-change.ts';
import { viewToJson } from '../manifest/manifest-head.ts';
import type { Feed } from './feed.ts';
import { replicaOfStream } from './stream-id.ts';

const TOPIC = 'stream-view';
/** Milliseconds that the replica which has the stream may take to answer. */
const TIMEOUT = 2000;

type ViewAsJson = ReturnType<typeof viewToJson>;

interface Message {
  readonly stream: string;
  readonly owner: string;
  readonly change: ViewChange;
}

/** Changes the view of an open stream, whichever replica has it. */
export class StreamViews {
  readonly #feed: Feed;
  readonly #peerBus: PeerBus;
  readonly #clock: Clock;
  #stop: () => void = () => undefined;

  constructor(options: { feed: Feed; peerBus: PeerBus; clock: Clock }) {
    this.#feed = options.feed;
    this.#peerBus = options.peerBus;
    this.#clock = options.clock;
  }

  /** Starts to take changes from other replicas. */
  start(): void {
    this.#stop = this.#peerBus.handle(TOPIC, async (message) => this.#changeHere(message as Message));
  }

  stop(): void {
    this.#stop();
  }

  /**
   * Returns the view that the stream will show. Throws `not-found` when `owner` (the key of a principal) has no such stream, and
   * `timed-out` when its replica does not answer: it may have done it.
   */
  async change(stream: string, owner: string, change: ViewChange): Promise<ViewAsJson> {
    const replica = replicaOfStream(stream);
    const message: Message = { stream, owner, change };
    const view =
      replica === this.#peerBus.self ? this.#changeHere(message) : await this.#changeAt(replica, message);
    if (!view) throw noSuchStream();
    return view;
  }

  #changeHere({ stream, owner, change }: Message): ViewAsJson | undefined {
    const view = this.#feed.reAim(stream, owner, change);
    return view && viewToJson(view);
  }

  async #changeAt(replica: string | undefined, message: Message): Promise<ViewAsJson | undefined> {
    if (replica === undefined) return undefined;
    let late = () => false;
    const send = (deadline: AbortSignal) => {
      late = () => deadline.aborted;
      return this.#peerBus.request(replica, TOPIC, message, deadline);
    };
    try {
      return (await withDeadline(this.#clock, TIMEOUT, send)) as ViewAsJson | undefined;
    } catch (error) {
      if (!(error instanceof PeerRequestError)) throw error;
      // A replica that is not there, or has ended since, took its streams along.
      if (!late()) throw noSuchStream();
      throw new DomainError('timed-out', 'the replica that has this stream did not answer', { cause: error });
    }
  }
}

function noSuchStream(): DomainError {
  return new DomainError('not-found', 'there is no such stream, or it has ended, or it is not yours');
}
