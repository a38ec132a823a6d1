import {
  ConnectorError,
  INFO_LIMIT,
  type Command,
  type ConnectorEvents,
  type PeerRequest,
  type RequestOutcome,
} from '../../domain/connector.ts';
import { HeartbeatAnswers, inKind } from '../../domain/heartbeat.ts';
import { isObject, isShallow, parseJson } from '../../domain/json.ts';
import { relayText, type RelayMessage } from '../../domain/relay-message.ts';
import type { Relayed } from '../../domain/relayed.ts';
import { beforeAbort } from './connector-errors.ts';
import type { ConnectorParts, CountViolation, ProtocolViolation } from './connector-parts.ts';
import { commandFailed } from './failure-reason.ts';
import { PeerInbox, type RequestId } from './peer-inbox.ts';
import type { PeerLink } from './peer-link.ts';
import { PeerRelay } from './peer-relay.ts';
import { readTileUpdate } from './tile-update.ts';

export interface PeerSessionOptions extends Pick<
  ConnectorParts,
  'clock' | 'count' | 'log' | 'problemOf' | 'relay'
> {
  /** Names the compositor in the log. */
  readonly target: { readonly id: string };
  readonly link: PeerLink;
  readonly events: Omit<ConnectorEvents, 'lost'>;
  /** The session cannot go on with this peer. */
  readonly onEnd: (error: ConnectorError) => void;
}

type Message = Readonly<Record<string, unknown>>;

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ConnectorError) => void;
}

const REQUESTS: readonly unknown[] = ['register', 'tiles', 'lease', 'leave'] satisfies PeerRequest['type'][];
/** The most bytes sent to a peer that it has not read. */
const MAX_UNSENT = 4 * 1024 * 1024;
/** With so many unread bytes a peer gets no more answers until it has read some, so no more of its requests are carried out, */
const MUCH_UNSENT = 512 * 1024;
/** and after so many milliseconds of that it is let go. */
const READS_WITHIN = 30_000;
/** Heartbeats answered in a second. Without a limit, two sides that answer each other's heartbeats would never stop. */
const MAX_HEARTBEATS = 10;

/** Speaks the message protocol (docs/connectors.md) with one peer, over any link. */
export class PeerSession {
  readonly #options: PeerSessionOptions;
  readonly #inbox: PeerInbox;
  readonly #relay: PeerRelay;
  readonly #pending = new Map<string, Pending>();
  readonly #logged = new Set<ProtocolViolation>();
  readonly #answers = new HeartbeatAnswers();
  #info: Message | undefined;
  #heartbeats = 0;
  /** Of the last heartbeat of the peer: ours are of its kind. Before one came, they are whole seconds. */
  #timestamp: unknown = 0;
  /** Messages since the last probe: those that could be read, and those that could not. */
  #readable = 0;
  #unreadable = 0;
  /** Ends the wait for a peer that does not read; undefined while it reads. */
  #stopWaiting: (() => void) | undefined;
  #ended: ConnectorError | undefined;

  constructor(options: PeerSessionOptions) {
    this.#options = options;
    const { link, events, clock, log, target, relay } = options;
    const count: CountViolation = (kind, times) => this.#count(kind, times);
    this.#inbox = new PeerInbox({
      events,
      clock,
      count,
      pause: () => link.pause(),
      resume: () => link.resume(),
      failed: (error) => log.error({ err: error, compositor: target.id }, 'tiles of a compositor were lost'),
      answer: (answers) => this.#send(...answers.map(([id, outcome]) => this.#replyTo(id, outcome))),
    });
    this.#relay = new PeerRelay(link, relay.dropped);
  }

  /** What the peer reported about itself last. */
  get info(): Message | undefined {
    return this.#info;
  }

  /** Handles one message from the peer. Never throws. */
  take(text: string): void {
    if (this.#ended) return;
    const message = parseJson(text);
    if (!isObject(message)) return this.takeUnreadable();
    this.#readable += 1;
    this.#dispatch(message, text);
  }

  /** A message came that is not a JSON object, such as a binary one. */
  takeUnreadable(): void {
    this.#unreadable += 1;
    this.#count('garbage');
  }

  /** Sends the peer what clients of the sockets say, as far as it reads. */
  relay(messages: readonly Relayed[]): void {
    if (!this.#ended) this.#relay.add(messages);
  }

  /** Sends a heartbeat to a peer that knows heartbeats: some forget whoever sends none for a minute. */
  beat(): void {
    if (!this.#relay.takesPart || this.#ended) return;
    this.#answers.sent(this.#options.clock.monotonic());
    this.#sendHeartbeat();
  }

  /** Something of what was sent has left. */
  sent(): void {
    this.#relay.send();
    if (!this.#stopWaiting || this.#options.link.unsentBytes > MUCH_UNSENT / 2) return;
    this.#stopWaiting();
    this.#stopWaiting = undefined;
    this.#inbox.release();
  }

  /** Throws when all that came since the last call was unreadable. */
  checkReadable(): void {
    const failed = this.#unreadable > 0 && this.#readable === 0;
    this.#unreadable = 0;
    this.#readable = 0;
    if (failed) throw new ConnectorError('bad-answer', 'its messages are not JSON objects');
  }

  async send({ id, command, params }: Command, signal: AbortSignal): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    if (signal.aborted) throw new ConnectorError('timeout', 'no answer in time');
    if (this.#pending.has(id))
      throw new ConnectorError('failed', 'a command with this id is already running');
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    try {
      this.#send({ type: 'command', id, command, ...(params !== undefined && { params }) });
      return await beforeAbort(signal, answer);
    } finally {
      this.#pending.delete(id);
    }
  }

  /** The link is over: pending commands fail with `error`. */
  end(error: ConnectorError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#stopWaiting?.();
    this.#inbox.stop();
    for (const { reject } of this.#pending.values()) reject(error);
  }

  #dispatch(message: Message, text: string): void {
    const { type } = message;
    if (type === 'tile_update') this.#tile(message);
    else if (type === 'heartbeat') this.#heartbeat(message);
    else if (type === 'reply') this.#settle(message);
    else if (this.#options.relay.types.has(type as string))
      this.#passOn({ type: type as string, text: relayText(text, message) });
    else if (type === 'status' || type === 'hello') this.#updateInfo(message);
    else if (REQUESTS.includes(type))
      this.#request(message as Message & Pick<PeerRequest, 'type'>, text.length);
    else this.#count('unknown');
  }

  #tile(message: Message): void {
    const update = readTileUpdate(message, this.#options.clock.now() / 1000);
    if (update) this.#inbox.tile(update.key, update.write);
    else this.#count('invalid');
  }

  #passOn(message: RelayMessage): void {
    if (message.text === undefined) return this.#count('invalid');
    this.#relay.takesPart = true;
    this.#options.events.relay(message);
  }

  #heartbeat({ timestamp }: Message): void {
    const { clock } = this.#options;
    this.#relay.takesPart = true;
    this.#timestamp = timestamp;
    if (this.#answers.isAnswer(clock.monotonic())) return;
    if (this.#heartbeats >= MAX_HEARTBEATS) return this.#count('flood');
    if (this.#heartbeats === 0) clock.after(1000, () => (this.#heartbeats = 0));
    this.#heartbeats += 1;
    this.#sendHeartbeat();
  }

  #sendHeartbeat(): void {
    this.#send({ type: 'heartbeat', timestamp: inKind(this.#timestamp, this.#options.clock.now()) });
  }

  #settle({ id, ok, body, error }: Message): void {
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (!pending) return this.#count('late');
    if (!isShallow(ok === true ? body : error))
      pending.reject(new ConnectorError('bad-answer', 'its answer is nested too deep'));
    else if (ok === true) pending.resolve(body ?? null);
    else if (ok === false) pending.reject(commandFailed(error));
    else pending.reject(new ConnectorError('bad-answer', 'its answer says neither ok: true nor ok: false'));
  }

  #updateInfo(message: Message): void {
    const info = Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'type'));
    if (isShallow(info) && Buffer.byteLength(JSON.stringify(info)) <= INFO_LIMIT) this.#info = info;
    else this.#count('invalid');
  }

  #request({ type, id, ...body }: Message & Pick<PeerRequest, 'type'>, size: number): void {
    const canAnswer = (typeof id === 'string' && id.length <= 128) || Number.isSafeInteger(id);
    if (canAnswer && isShallow(body)) this.#inbox.request(id as string | number, { type, body }, size);
    else this.#count('invalid');
  }

  #replyTo(id: RequestId, outcome: RequestOutcome): object {
    if ('body' in outcome) return { type: 'reply', id, ok: true, body: outcome.body ?? null };
    return { type: 'reply', id, ok: false, problem: this.#options.problemOf(outcome.error) };
  }

  #count(kind: ProtocolViolation, times?: number): void {
    const { count, log, target } = this.#options;
    count(kind, times);
    if (this.#logged.has(kind)) return;
    this.#logged.add(kind);
    log.warn(
      { compositor: target.id, kind },
      'a compositor breaks the message protocol; each kind is logged once per connection',
    );
  }

  #send(...messages: readonly object[]): void {
    const { link, onEnd, clock } = this.#options;
    if (this.#ended) return;
    const late = () => onEnd(new ConnectorError('unreachable', 'it does not read what it is sent'));
    if (link.unsentBytes > MAX_UNSENT) return late();
    link.send(...messages.map((message) => JSON.stringify(message)));
    if (this.#stopWaiting || link.unsentBytes <= MUCH_UNSENT) return;
    this.#stopWaiting = clock.after(READS_WITHIN, late);
    this.#inbox.hold();
  }
}
