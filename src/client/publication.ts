import { Commands, type CommandHandler } from './commands.ts';
import { CompositorLink, type CompositorLinkSettings, type PublishProblem } from './compositor-link.ts';
import { Listeners } from './listeners.ts';
import { Ready } from './ready.ts';
import { isLasting, problemOf, Refused } from './refused.ts';
import { WriteQueue, type Reply, type TileChanges, type Written } from './write-queue.ts';

/**
 * `connecting`: at first, and after a link has ended. `live`: the link is open. `offline`: connecting failed, and is tried again.
 * `refused`: the daemon does not take it; this has ended, unless a function may give another token. `taken`: another run of the compositor
 * holds the id, and this one has ended. `closed`: by `close` or the signal.
 */
export type PublicationState = 'connecting' | 'live' | 'offline' | 'refused' | 'taken' | 'closed';

/** The events, and the arguments of their listeners. */
export interface PublicationEvents {
  state: [state: PublicationState, before: PublicationState];
  /** A connection failed; it goes on trying, unless the problem is `final`. */
  problem: [problem: PublishProblem];
  /** Somebody who watches the map said something to all, such as `control_command` or `camera_update` (docs/infinite-map.md). */
  message: [message: Readonly<Record<string, unknown>>];
}

const EVENTS = { state: 1, problem: 1, message: 1 } as const;

/** Bytes that have not left: beyond, writes wait here. */
const MAX_UNSENT = 1024 * 1024;
/** Milliseconds before the next write when the daemon could not take one. */
const RETRY = 1000;
/** Milliseconds between two looks whether the daemon still answers. */
const LOOK = 10_000;

/** A compositor that is published from here. Made by `publish`. */
export class Publication {
  readonly #link: CompositorLink;
  readonly #watchdog: number;
  readonly #commands = new Commands();
  readonly #listeners = new Listeners<PublicationEvents>(EVENTS);
  readonly #ready = new Ready<Publication>();
  readonly #writes = new WriteQueue();
  /** The last commit that is known here. */
  #cursor: string | undefined;
  #state: PublicationState = 'connecting';
  /** Why it has ended. */
  #end: Error | undefined;
  /** The daemon could not take a write, and gets none for a while. */
  #paused = false;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #stopWaitingForLook: () => void = () => undefined;

  constructor(settings: CompositorLinkSettings) {
    this.#watchdog = settings.watchdog;
    this.#link = new CompositorLink(settings, {
      cursor: () => this.#cursor,
      registered: (how, { republish }) => {
        if (how === 'again' || republish) this.#writes.publishAgain();
      },
      opened: () => {
        this.#setState('live');
        this.#ready.fulfil(this);
        this.#look();
        this.#pump();
      },
      received: (message) => this.#received(message),
      lost: (problem, failures) => this.#lost(problem, failures),
    });
    void this.#link.open();
  }

  get state(): PublicationState {
    return this.#state;
  }

  /**
   * Fulfilled with this compositor when it is registered and its link is open for the first time. Rejected when it ends before: with a
   * {@link Refused} when the daemon refuses it for good.
   */
  get ready(): Promise<Publication> {
    return this.#ready.promise;
  }

  /** Which registration of the id this is; undefined until there is one. */
  get generation(): string | undefined {
    return this.#link.generation;
  }

  /**
   * Writes tiles, all in one commit. Resolves when they are as durable as the daemon's store; until then it is tried again and
   * again. Rejects with a `Refused` when the rules forbid it (then nothing of it was done), and with another error when it was
   * closed, or when too much waits. The next call need not wait for it.
   */
  tiles(changes: TileChanges): Promise<Written> {
    if (this.#end) return Promise.reject(this.#end);
    const written = this.#writes.add(changes);
    this.#pump();
    return written;
  }

  /**
   * Handles a command of this name; `'*'` handles those without a handler of their own. What it returns, or resolves to, is the
   * answer, and what it throws is the error.
   */
  onCommand(name: string, handler: CommandHandler): void {
    if (typeof handler !== 'function') throw new TypeError(`onCommand("${name}", ...) needs a function`);
    this.#commands.on(name, handler);
  }

  /** Sends a message that is not kept, such as `camera_update` or `status` (docs/connectors.md). False: there is no link now. */
  send(message: { readonly type: string; readonly [field: string]: unknown }): boolean {
    return this.#link.send(message);
  }

  /** Calls `listener` at each such event. Throws a TypeError when there is no such event. Returns a function that removes it. */
  on<E extends keyof PublicationEvents>(
    event: E,
    listener: (...values: PublicationEvents[E]) => void,
  ): () => void {
    return this.#listeners.on(event, listener);
  }

  /**
   * Ends it; what waits is rejected. The compositor leaves with all its tiles, unless `leave` is false: then it stays until its
   * lease has run out. Resolves when it has left, or when the daemon cannot be told.
   */
  async close({ leave = true }: { leave?: boolean } = {}): Promise<void> {
    if (this.#end) return;
    const leaving = leave && this.generation !== undefined ? this.#link.request('DELETE', '') : undefined;
    this.#endAs('closed', new Error('the compositor is closed'));
    // Without an answer its lease runs out.
    await leaving?.catch(() => undefined);
  }

  #received(message: Readonly<Record<string, unknown>>): void {
    const { type, id } = message;
    if (type === 'command') void this.#commands.run(message, (reply) => this.#link.send(reply));
    else if (type === 'reply' && id === 'look') this.#looked(message as unknown as Reply);
    else if (type === 'reply' && typeof id === 'number') this.#answered(id, message as unknown as Reply);
    else if (type !== 'reply' && type !== 'heartbeat') this.#listeners.emit('message', message);
  }

  #answered(id: number, reply: Reply): void {
    if (reply.ok) this.#cursor = reply.body.cursor;
    const taken = this.#writes.answered(id, reply);
    if (!taken && !this.#paused) {
      this.#paused = true;
      this.#after(RETRY, () => {
        this.#paused = false;
        this.#pump();
      });
    }
    this.#pump();
  }

  /** Sends what waits, as far as the link takes it. */
  #pump(): void {
    const isOpen = () => !this.#paused && this.#link.unsentBytes < MAX_UNSENT;
    this.#writes.sendTo((request) => this.#link.send(request), isOpen);
  }

  /** Asks for a sign of life, and whether the daemon has lost what it had acknowledged. */
  #look(): void {
    this.#link.send({
      type: 'lease',
      id: 'look',
      ...(this.#cursor !== undefined && { cursor: this.#cursor }),
    });
    this.#stopWaitingForLook = this.#after(this.#watchdog, () => this.#link.cut());
  }

  #looked({ ok, body }: Reply): void {
    this.#stopWaitingForLook();
    if (ok && body.republish) {
      this.#writes.publishAgain();
      this.#pump();
    }
    this.#after(LOOK, () => this.#look());
  }

  #lost(problem: PublishProblem | undefined, failures: number): void {
    this.#stopTimers();
    this.#paused = false;
    this.#writes.lost();
    if (problem) this.#listeners.emit('problem', problem);
    if (problem?.kind === 'taken')
      this.#endAs('taken', new Error(`the compositor is taken: ${problem.detail}`));
    else if (problem?.final) this.#refused(new Refused(problemOf(problem, problem.status)));
    else this.#setState(isLasting(problem) ? 'refused' : failures > 0 ? 'offline' : 'connecting');
  }

  #refused(why: Refused): void {
    // Where nobody listens, nothing would tell why no tile appears.
    if (!this.#ready.isUsed && !this.#listeners.has('problem') && this.#writes.isEmpty)
      console.error(`compositord: the compositor has stopped: ${why.status} ${why.message}`);
    this.#endAs('refused', why);
  }

  #endAs(state: 'refused' | 'taken' | 'closed', why: Error): void {
    this.#end = why;
    this.#link.close();
    this.#stopTimers();
    this.#setState(state);
    this.#ready.reject(why);
    this.#writes.end(why);
  }

  #setState(state: PublicationState): void {
    const before = this.#state;
    this.#state = state;
    if (state !== before) this.#listeners.emit('state', state, before);
  }

  /** Calls `work` in `ms`, unless the link ends before. Returns what cancels it. */
  #after(ms: number, work: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
