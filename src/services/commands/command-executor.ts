import { CircuitBreaker } from '../../domain/circuit-breaker.ts';
import type { Clock } from '../../domain/clock.ts';
import { ANSWER_LIMIT, ConnectorError, type Command, type Connector } from '../../domain/connector.ts';
import { DomainError } from '../../domain/errors.ts';
import { Line } from './line.ts';

/** What came of a command that was sent. */
export type CommandOutcome =
  | {
      /** The compositor's word on it: it was done, or it failed there. */
      readonly ok: boolean;
      /** Any JSON value. */
      readonly answer: unknown;
      /** When it failed, why, in one line. */
      readonly error?: string;
    }
  | {
      /** No word: whether it was done is not known. */
      readonly ok: undefined;
      readonly kind: 'bad-answer' | 'timed-out';
      readonly detail: string;
    };

/** How many commands for one compositor may be under way or in line. */
const PLACES = 32;
const BREAKER = { failures: 5, pause: 5000, longest: 60_000 };
/** Milliseconds: a compositor that had less time than this has not shown that it does not answer. */
const FAIR_TIME = 1000;

/** The commands for one connector: in order, one at a time, and none while it fails again and again. */
export class CommandExecutor {
  readonly #connector: Connector;
  readonly #clock: Clock;
  readonly #line = new Line({ places: PLACES });
  readonly #breaker = new CircuitBreaker(BREAKER);

  constructor(options: { connector: Connector; clock: Clock }) {
    this.#connector = options.connector;
    this.#clock = options.clock;
  }

  /**
   * Sends `command` when its turn comes and `ready` (called then) does not throw. Throws a DomainError when it was surely
   * not sent: circuit-open, rate-limited, timed-out while in line, not-connected. `gone` takes it out of the line only.
   */
  async run(
    command: Command,
    ready: () => void,
    deadline: AbortSignal,
    gone: AbortSignal,
  ): Promise<CommandOutcome> {
    this.#refuseWhenOpen();
    if (this.#line.full)
      throw new DomainError('rate-limited', `${PLACES} commands wait for this compositor already`, {
        retryAfter: 1,
      });
    if (!(await this.#line.enter(AbortSignal.any([deadline, gone]))))
      throw new DomainError('timed-out', 'it waited behind other commands all the time and was not sent');
    try {
      this.#refuseWhenOpen();
      ready();
      return await this.#send(command, deadline);
    } finally {
      this.#line.leave();
    }
  }

  async #send(command: Command, deadline: AbortSignal): Promise<CommandOutcome> {
    const sentAt = this.#clock.monotonic();
    try {
      const word = await this.#word(command, deadline);
      this.#breaker.passed();
      return word;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const now = this.#clock.monotonic();
      const { kind, message } = error;
      switch (kind) {
        case 'refused':
          throw new DomainError('not-connected', message, { cause: error });
        case 'timeout':
          if (now - sentAt >= FAIR_TIME) this.#breaker.failed(now);
          return { ok: undefined, kind: 'timed-out', detail: message };
        default:
          this.#breaker.failed(now);
          return { ok: undefined, kind: 'bad-answer', detail: message };
      }
    }
  }

  async #word(command: Command, deadline: AbortSignal): Promise<CommandOutcome> {
    try {
      return { ok: true, answer: fitting(await this.#connector.send(command, deadline)) };
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.kind !== 'failed') throw error;
      return { ok: false, answer: fitting(error.answer), error: error.message };
    }
  }

  #refuseWhenOpen(): void {
    const wait = this.#breaker.wait(this.#clock.monotonic());
    if (wait > 0)
      throw new DomainError('circuit-open', 'the compositor did not answer the last commands', {
        retryAfter: Math.ceil(wait / 1000),
      });
  }
}

/** Read and written again an answer may be longer than it came: what another replica could not pass on is none on any. */
function fitting(answer: unknown = null): unknown {
  if (Buffer.byteLength(JSON.stringify(answer)) > ANSWER_LIMIT)
    throw new ConnectorError('bad-answer', `its answer is larger than ${ANSWER_LIMIT} bytes`);
  return answer;
}
