import type { Clock } from '../../domain/clock.ts';
import {
  ConnectorError,
  INFO_LIMIT,
  type Command,
  type ConnectorEvents,
  type PeerRequest,
} from '../../domain/connector.ts';
import { isObject, isShallow } from './bounded-json.ts';
import type { ConnectorLog, CountViolation, ProtocolViolation } from './protocol-violation.ts';
import { PeerInbox } from './peer-inbox.ts';
import type { PeerLink } from './peer-link.ts';
import { PeerRelay } from './peer-relay.ts';
import { isInMilliseconds, readTileUpdate } from './tile-update.ts';

export interface PeerSessionOptions {
  readonly link: PeerLink;
  readonly events: Omit<ConnectorEvents, 'lost'>;
  readonly clock: Clock;
  readonly count: CountViolation;
  readonly log: ConnectorLog;
  /** Its id, for the log. */
  readonly compositor: string;
  /** What a peer is told of what its request threw. */
  readonly problemOf: (error: unknown) => object;
  /** The peer cannot be gone on with. */
  readonly onEnd: (error: ConnectorError) => void;
}

type Message = Readonly<Record<string, unknown>>;

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ConnectorError) => void;
}

const REQUESTS: readonly unknown[] = ['register', 'tiles', 'lease', 'leave'] satisfies PeerRequest['type'][];
/** Bytes of what we said that a peer may leave unread. */
const MAX_WAITING = 4 * 1024 * 1024;
/** Characters of a message that is relayed to every replica. */
const MAX_RELAYED = 64 * 1024;
/** Heartbeats answered in a second. A peer that answers ours in kind would otherwise go on with us as fast as the wire is. */
const MAX_HEARTBEATS = 10;

/** The talk with one peer that sends JSON messages (docs/connectors.md), whatever link carries them. */
export class PeerSession {
  readonly #options: PeerSessionOptions;
  readonly #inbox: PeerInbox;
  readonly #relay: PeerRelay;
  readonly #pending = new Map<string, Pending>();
  readonly #told = new Set<ProtocolViolation>();
  #info: Message | undefined;
  #heartbeats = 0;
  #garbage = 0;
  #sense = 0;
  #ended: ConnectorError | undefined;

  constructor(options: PeerSessionOptions) {
    this.#options = options;
    const { link, events, clock, log, compositor } = options;
    const count: CountViolation = (what, times) => this.#odd(what, times);
    this.#inbox = new PeerInbox({
      events,
      clock,
      count,
      failed: (error) => log.error({ err: error, compositor }, 'tiles of a compositor were lost'),
      hold: (held) => (held ? link.pause() : link.resume()),
      answer: (id, outcome) => this.#reply(id, outcome),
    });
    this.#relay = new PeerRelay({ clock, count, pass: (message) => events.relay(message) });
  }

  /** What the peer said of itself last. */
  get info(): Message | undefined {
    return this.#info;
  }

  /** We do not listen at present: what the peer says, a pong too, comes later. */
  get held(): boolean {
    return this.#inbox.held;
  }

  /** One message from the peer. Never throws. */
  take(text: string): void {
    if (this.#ended) return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return this.takeGarbage();
    }
    if (!isObject(message)) return this.takeGarbage();
    this.#sense += 1;
    this.#dispatch(message, text);
  }

  /** A message that is none, such as a binary one. */
  takeGarbage(): void {
    this.#garbage += 1;
    this.#odd('garbage');
  }

  /** Throws when since the last call the peer sent nothing that can be understood, and something that cannot. */
  checkSense(): void {
    const [garbage, sense] = [this.#garbage, this.#sense];
    this.#garbage = 0;
    this.#sense = 0;
    if (garbage > 0 && sense === 0) throw new ConnectorError('bad-answer', 'it sends what is no JSON object');
  }

  async send({ id, command, params }: Command, signal: AbortSignal): Promise<unknown> {
    if (this.#ended) throw this.#ended;
    if (signal.aborted) throw new ConnectorError('timeout', 'no answer in time');
    if (this.#pending.has(id)) throw new ConnectorError('failed', 'a command of this id is under way');
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    const late = () => this.#pending.get(id)?.reject(new ConnectorError('timeout', 'no answer in time'));
    signal.addEventListener('abort', late, { once: true });
    try {
      this.#say({ type: 'command', id, command, ...(params !== undefined && { params }) });
      return await answer;
    } finally {
      signal.removeEventListener('abort', late);
      this.#pending.delete(id);
    }
  }

  /** The link is over: what waits is told why. */
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
      if (text.length > MAX_RELAYED || !isShallow(message)) this.#odd('invalid');
      else this.#relay.take(type, message);
    } else if (type === 'status' || type === 'hello') this.#learn(message);
    else if (REQUESTS.includes(type))
      this.#request(message as Message & Pick<PeerRequest, 'type'>, text.length);
    else this.#odd('unknown');
  }

  #tile(message: Message): void {
    const update = readTileUpdate(message, this.#options.clock.now() / 1000);
    if (update) this.#inbox.tile(update.key, update.write);
    else this.#odd('invalid');
  }

  #heartbeat(message: Message): void {
    const { clock } = this.#options;
    if (this.#heartbeats >= MAX_HEARTBEATS) return this.#odd('flood');
    if (this.#heartbeats === 0) clock.after(1000, () => (this.#heartbeats = 0));
    this.#heartbeats += 1;
    const now = isInMilliseconds(message['timestamp']) ? clock.now() : clock.now() / 1000;
    this.#say({ type: 'heartbeat', timestamp: now });
  }

  #settle({ id, ok, body, error }: Message): void {
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (!pending) return this.#odd('late');
    if (!isShallow(ok === true ? body : error))
      pending.reject(new ConnectorError('bad-answer', 'its answer is nested too deep'));
    else if (ok === true) pending.resolve(body ?? null);
    else if (ok === false)
      pending.reject(new ConnectorError('failed', 'it says that the command failed', { answer: error }));
    else pending.reject(new ConnectorError('bad-answer', 'its answer says neither ok: true nor ok: false'));
  }

  #learn(message: Message): void {
    const info = Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'type'));
    if (isShallow(info) && Buffer.byteLength(JSON.stringify(info)) <= INFO_LIMIT) this.#info = info;
    else this.#odd('invalid');
  }

  #request({ type, id, ...body }: Message & Pick<PeerRequest, 'type'>, size: number): void {
    const canAnswer = (typeof id === 'string' && id.length <= 128) || Number.isSafeInteger(id);
    if (canAnswer && isShallow(body)) this.#inbox.request(id as string | number, { type, body }, size);
    else this.#odd('invalid');
  }

  #reply(id: string | number, outcome: { body: unknown } | { error: unknown }): void {
    if ('body' in outcome) this.#say({ type: 'reply', id, ok: true, body: outcome.body ?? null });
    else this.#say({ type: 'reply', id, ok: false, problem: this.#options.problemOf(outcome.error) });
  }

  #odd(what: ProtocolViolation, times?: number): void {
    const { count, log, compositor } = this.#options;
    count(what, times);
    if (this.#told.has(what)) return;
    this.#told.add(what);
    log.warn({ compositor, what }, 'a compositor sends what is not as it should be; told once for each link');
  }

  #say(message: object): void {
    const { link, onEnd } = this.#options;
    if (this.#ended) return;
    if (link.waiting > MAX_WAITING)
      return onEnd(new ConnectorError('unreachable', 'it does not read what it is sent'));
    link.send(JSON.stringify(message));
  }
}
