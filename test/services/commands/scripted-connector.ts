import { ConnectorError, type Command, type Connector } from '../../../src/domain/connector.ts';

interface Pending {
  readonly command: Command;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A compositor that answers when the test says so: the order of things is the test's, not the machine's. */
export class ScriptedConnector implements Connector {
  /** Every command it was sent. */
  readonly sent: Command[] = [];
  readonly #pending: Pending[] = [];
  #arrived: () => void = () => undefined;

  async connect(): Promise<void> {
    // Nothing to do.
  }

  async probe(): Promise<{ latencyMs: number }> {
    return { latencyMs: 1 };
  }

  send(command: Command, signal: AbortSignal): Promise<unknown> {
    this.sent.push(command);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new ConnectorError('timeout', 'no answer in time')));
      this.#pending.push({ command, answer: resolve, fail: reject });
      this.#arrived();
    });
  }

  async close(): Promise<void> {
    // Nothing to do.
  }

  /** Resolves to the oldest command that was not given out here yet. */
  async next(): Promise<Pending> {
    while (this.#pending.length === 0) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.#pending.shift()!;
  }
}
