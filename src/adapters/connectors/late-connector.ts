import { ConnectorError, type Command, type Connector, type Probe } from '../../domain/connector.ts';

/** A connector whose code is loaded when it connects: for what is optional, or large. */
export class LateConnector implements Connector {
  readonly #load: () => Promise<Connector>;
  #connector: Connector | undefined;
  #closed = false;

  constructor(load: () => Promise<Connector>) {
    this.#load = load;
  }

  async connect(signal: AbortSignal): Promise<void> {
    const connector = await this.#load();
    // Closed meanwhile, nobody would close this one.
    if (this.#closed) throw new ConnectorError('unreachable', 'the link was closed');
    this.#connector = connector;
    await connector.connect(signal);
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    return this.#loaded().probe(signal);
  }

  async send(command: Command, signal: AbortSignal): Promise<unknown> {
    return this.#loaded().send(command, signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connector?.close();
  }

  #loaded(): Connector {
    if (!this.#connector) throw new ConnectorError('unreachable', 'it is not connected');
    return this.#connector;
  }
}
