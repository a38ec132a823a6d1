import {
  ConnectorError,
  INFO_LIMIT,
  type Command,
  type ConnectorEvents,
  type PeerRequest,
  type Target,
} from '../../domain/connector.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { isShallow } from './bounded-json.ts';
import { beforeAbort } from './connector-errors.ts';
import type { ConnectorParts, CountViolation, ProtocolViolation } from './connector-parts.ts';
import { PeerInbox, type Outcome } from './peer-inbox.ts';
import type { PeerLink } from './peer-link.ts';
import { PeerRelay } from './peer-relay.ts';
import { isInMilliseconds, readTileUpdate } from './tile-update.ts';

export interface PeerSessionOptions extends Pick<ConnectorParts, 'clock' | 'count' | 'log' | 'problemOf'> {
  readonly target: Target;
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
/** Characters of a message that goes to every replica. */
const MAX_RELAYED = 64 * 1024;
/** Heartbeats answered in a second. Without a limit, two sides that answer each other's heartbeats would never stop. */
const MAX_HEARTBEATS = 10;

/** Speaks the message protocol (docs/connectors.md) with one peer, over any link. */
export class PeerSession {
  readonly #options: PeerSessionOptions;
  readonly #inbox: PeerInbox;
  readonly #relay: PeerRelay;
  readonly #pending = new Map<string, Pending>();
  readonly #logged = new Set<ProtocolViolation>();
  #info: Message | undefined;
  #heartbeats = 0;
  /** Messages since the last probe: those that could be read, and those that could not. */
  #readable = 0;
  #unreadable = 0;
  #ended: ConnectorError | undefined;

  constructor(options: PeerSessionOptions) {
    this.#options = options;
    const { link, events, clock, log, target } = options;
    const count: CountViolation = (kind, times) => this.#count(kind, times);
    this.#inbox = new PeerInbox({
      events,
      clock,
      count,
      pause: () => link.pause(),
      resume: () => link.resume(),
      failed: (error) => log.error({ err: error, compositor: target.id }, 'tiles of a compositor were lost'),
      answer: (id, outcome) => this.#reply(id, outcome),
    });
    this.#relay = new PeerRelay({ clock, count, pass: (message) => events.relay(message) });
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
    this.#inbox.stop();
    this.#relay.stop();
    for (const { reject } of this.#pending.values()) reject(error);
  }

  #dispatch(message: Message, text: string): void {
    const { type } = message;
    if (type === 'tile_update') this.#tile(message);
    else if (type === 'heartbeat') this.#heartbeat(message);
    else if (type === 'reply') this.#settle(message);
    else if (type === 'camera_update' || type === 'cognitive_update') {
      if (text.length > MAX_RELAYED || !isShallow(message)) this.#count('invalid');
      else this.#relay.take(type, message);
    } else if (type === 'status' || type === 'hello') this.#updateInfo(message);
    else if (REQUESTS.includes(type))
      this.#request(message as Message & Pick<PeerRequest, 'type'>, text.length);
    else this.#count('unknown');
  }

  #tile(message: Message): void {
    const update = readTileUpdate(message, this.#options.clock.now() / 1000);
    if (update) this.#inbox.tile(update.key, update.write);
    else this.#count('invalid');
  }

  #heartbeat(message: Message): void {
    const { clock } = this.#options;
    if (this.#heartbeats >= MAX_HEARTBEATS) return this.#count('flood');
    if (this.#heartbeats === 0) clock.after(1000, () => (this.#heartbeats = 0));
    this.#heartbeats += 1;
    const now = isInMilliseconds(message['timestamp']) ? clock.now() : clock.now() / 1000;
    this.#send({ type: 'heartbeat', timestamp: now });
  }

  #settle({ id, ok, body, error }: Message): void {
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (!pending) return this.#count('late');
    if (!isShallow(ok === true ? body : error))
      pending.reject(new ConnectorError('bad-answer', 'its answer is nested too deep'));
    else if (ok === true) pending.resolve(body ?? null);
    else if (ok === false)
      pending.reject(new ConnectorError('failed', 'it says that the command failed', { answer: error }));
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

  #reply(id: string | number, outcome: Outcome): void {
    if ('body' in outcome) this.#send({ type: 'reply', id, ok: true, body: outcome.body ?? null });
    else this.#send({ type: 'reply', id, ok: false, problem: this.#options.problemOf(outcome.error) });
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

  #send(message: object): void {
    const { link, onEnd } = this.#options;
    if (this.#ended) return;
    if (link.unsentBytes > MAX_UNSENT)
      return onEnd(new ConnectorError('unreachable', 'it does not read what it is sent'));
    link.send(JSON.stringify(message));
  }
}
