import {
  ConnectorError,
  type Command,
  type Connector,
  type ConnectorEvents,
  type Probe,
} from '../../domain/connector.ts';
import type { Relayed } from '../../domain/relayed.ts';
import type { ConnectorParts } from './connector-parts.ts';
import type { PeerLink } from './peer-link.ts';
import { PeerSession } from './peer-session.ts';

export interface PeerConnectorOptions extends Pick<
  ConnectorParts,
  'clock' | 'count' | 'log' | 'problemOf' | 'relay'
> {
  readonly target: { readonly id: string };
  readonly events: ConnectorEvents;
  /** Opens the link to the peer, or takes the one that it opened; throws a ConnectorError, at the latest when the signal aborts. */
  readonly open: (signal: AbortSignal) => Promise<PeerLink>;
}

/** One link to a peer that speaks the message protocol (WebSocket, libp2p), with a {@link PeerSession} on it. */
export class PeerConnector implements Connector {
  readonly #options: PeerConnectorOptions;
  readonly #stopOpening = new AbortController();
  #opening: Promise<unknown> | undefined;
  #link: PeerLink | undefined;
  #session: PeerSession | undefined;
  #connected = false;
  /** The first reason why the connection is over. */
  #ended: ConnectorError | undefined;
  #latencyMs = 0;

  constructor(options: PeerConnectorOptions) {
    this.#options = options;
  }

  async connect(signal: AbortSignal): Promise<void> {
    try {
      const opening = this.#options.open(AbortSignal.any([signal, this.#stopOpening.signal]));
      this.#opening = opening.catch(() => undefined);
      this.#start(await opening);
      this.#throwIfEnded();
      this.#connected = true;
    } catch (error) {
      throw this.#ended ?? error;
    }
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const [link, session] = this.#live();
    session.checkReadable();
    session.beat();
    const { clock } = this.#options;
    const sent = clock.monotonic();
    if (await link.ping(signal)) this.#latencyMs = clock.monotonic() - sent;
    return { latencyMs: this.#latencyMs, ...(session.info && { info: session.info }) };
  }

  async send(command: Command, signal: AbortSignal): Promise<unknown> {
    const [, session] = this.#live();
    return session.send(command, signal);
  }

  relay(messages: readonly Relayed[]): void {
    if (this.#connected && !this.#ended) this.#session?.relay(messages);
  }

  async close(): Promise<void> {
    this.#connected = false;
    this.#end(new ConnectorError('unreachable', 'the connection was closed'));
    this.#stopOpening.abort();
    await this.#opening;
    await this.#link?.close();
  }

  #start(link: PeerLink): void {
    this.#link = link;
    // It was closed while it opened: `close` waits for the opening, and then closes the link.
    if (this.#ended) return;
    const session = new PeerSession({ ...this.#options, link, onEnd: (error) => this.#end(error) });
    this.#session = session;
    link.start({
      onText: (text) => session.take(text),
      onBinary: () => session.takeUnreadable(),
      onSent: () => session.sent(),
      onEnd: (error) => this.#end(error),
    });
  }

  #end(error: ConnectorError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#session?.end(error);
    if (!this.#connected) return;
    void this.#link?.close();
    this.#options.events.lost(error);
  }

  #throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }

  #live(): [PeerLink, PeerSession] {
    this.#throwIfEnded();
    if (!this.#link || !this.#session || !this.#connected)
      throw new ConnectorError('unreachable', 'it is not connected');
    return [this.#link, this.#session];
  }
}
