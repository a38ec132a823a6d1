import { Semaphore } from '../../concurrency/semaphore.ts';
import { CircuitBreaker } from '../../domain/circuit-breaker.ts';
import type { Clock } from '../../domain/clock.ts';
import { ANSWER_LIMIT, ConnectorError, type Command, type Connector } from '../../domain/connector.ts';
import { DomainError } from '../../domain/errors.ts';

/** What came of a command that was sent. */
export type CommandOutcome =
  | {
      /** What the compositor says: the command succeeded, or it failed there. */
      readonly ok: boolean;
      /** Any JSON value. */
      readonly answer: unknown;
      /** Why it failed, in one line. */
      readonly error?: string;
    }
  | {
      /** No usable answer: nobody knows whether the command ran. */
      readonly ok: undefined;
      readonly kind: 'bad-answer' | 'timed-out';
      readonly detail: string;
    };

/** The most commands for one compositor that run or wait. */
const QUEUE_LIMIT = 32;
const BREAKER = { failures: 5, pause: 5000, longest: 60_000 };
/** Milliseconds. A timeout shorter than this says nothing about the compositor, so the breaker does not count it. */
const FAIR_TIMEOUT = 1000;

/** Sends commands over one connector: in order, one at a time, and none while it keeps failing. */
export class CommandExecutor {
  readonly #connector: Connector;
  readonly #clock: Clock;
  readonly #queue = new Semaphore(1);
  readonly #breaker = new CircuitBreaker(BREAKER);

  constructor(connector: Connector, clock: Clock) {
    this.#connector = connector;
    this.#clock = clock;
  }

  /**
   * Sends `command` when it is first in the queue and `beforeSending`, called then, does not throw. Throws a DomainError when
   * the command was certainly not sent: circuit-open, rate-limited, timed-out in the queue, not-connected. `clientGone` only
   * takes a command out of the queue; one that was sent runs until `deadline`.
   */
  async run(
    command: Command,
    beforeSending: () => void,
    deadline: AbortSignal,
    clientGone: AbortSignal,
  ): Promise<CommandOutcome> {
    this.#throwIfOpen();
    if (this.#queue.isFull && this.#queue.waiting + 1 >= QUEUE_LIMIT)
      throw new DomainError('rate-limited', `${QUEUE_LIMIT} commands already wait for this compositor`, {
        retryAfter: 1,
      });
    const release = await this.#queue.acquire(AbortSignal.any([deadline, clientGone])).catch(() => {
      throw new DomainError(
        'timed-out',
        'it waited behind other commands until its timeout and was not sent',
      );
    });
    try {
      this.#throwIfOpen();
      beforeSending();
      return await this.#send(command, deadline);
    } finally {
      release();
    }
  }

  async #send(command: Command, deadline: AbortSignal): Promise<CommandOutcome> {
    const sentAt = this.#clock.monotonic();
    try {
      const outcome = await this.#outcomeOf(command, deadline);
      this.#breaker.passed();
      return outcome;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const now = this.#clock.monotonic();
      const { kind, message } = error;
      if (kind === 'refused') throw new DomainError('not-connected', message, { cause: error });
      const timedOut = kind === 'timeout';
      if (!timedOut || now - sentAt >= FAIR_TIMEOUT) this.#breaker.failed(now);
      return { ok: undefined, kind: timedOut ? 'timed-out' : 'bad-answer', detail: message };
    }
  }

  async #outcomeOf(command: Command, deadline: AbortSignal): Promise<CommandOutcome> {
    try {
      return { ok: true, answer: checkSize(await this.#connector.send(command, deadline)) };
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.kind !== 'failed') throw error;
      return { ok: false, answer: checkSize(error.answer), error: error.reason ?? error.message };
    }
  }

  #throwIfOpen(): void {
    const wait = this.#breaker.wait(this.#clock.monotonic());
    if (wait > 0)
      throw new DomainError('circuit-open', 'the compositor did not answer the last commands', {
        retryAfter: Math.ceil(wait / 1000),
      });
  }
}

/**
 * An answer can grow when it is encoded again (`1e20` has 21 digits). One that another replica could not pass on for its
 * size is an error on every replica.
 */
function checkSize(answer: unknown = null): unknown {
  if (Buffer.byteLength(JSON.stringify(answer)) > ANSWER_LIMIT)
    throw new ConnectorError('bad-answer', `its answer is larger than ${ANSWER_LIMIT} bytes`);
  return answer;
}
