import type { Clock } from '../../../domain/clock.ts';
import {
  ConnectorError,
  type Command,
  type Connector,
  type ConnectorEvents,
  type Probe,
  type Target,
} from '../../../domain/connector.ts';
import type { Guard } from '../guard.ts';
import type { ConnectorLog, CountViolation } from '../protocol-violation.ts';
import { PeerSession } from '../peer-session.ts';
import { Libp2pLink } from './libp2p-link.ts';
import { multiaddrOf, parseMultiaddr } from './multiaddr.ts';

export interface Libp2pConnectorOptions {
  /** Its address is a multiaddr. */
  readonly target: Target;
  readonly events: ConnectorEvents;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly count: CountViolation;
  readonly log: ConnectorLog;
  readonly problemOf: (error: unknown) => object;
}

/** One libp2p stream to one peer, with a {@link PeerSession} on it. */
export class Libp2pConnector implements Connector {
  readonly #options: Libp2pConnectorOptions;
  readonly #stop = new AbortController();
  #link: Libp2pLink | undefined;
  #session: PeerSession | undefined;
  /** Why it is over. */
  #ended: ConnectorError | undefined;
  #connected = false;
  #opening: Promise<unknown> | undefined;

  constructor(options: Libp2pConnectorOptions) {
    this.#options = options;
  }

  async connect(signal: AbortSignal): Promise<void> {
    const stop = () => this.#stop.abort();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      const opening = this.#open(this.#stop.signal);
      this.#opening = opening.catch(() => undefined);
      const link = await opening;
      if (this.#ended) {
        await link.close();
        throw this.#ended;
      }
      this.#talk(link);
      // What was closed at once has never been.
      this.#throwIfEnded();
      this.#connected = true;
    } catch (error) {
      throw this.#ended ?? error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const [link, session] = this.#live();
    session.checkSense();
    const { clock } = this.#options;
    const sent = clock.monotonic();
    await link.ping(signal);
    return { latencyMs: clock.monotonic() - sent, ...(session.info && { info: session.info }) };
  }

  async send(command: Command, signal: AbortSignal): Promise<unknown> {
    const [, session] = this.#live();
    return session.send(command, signal);
  }

  async close(): Promise<void> {
    this.#ended ??= new ConnectorError('unreachable', 'the link was closed');
    this.#session?.end(this.#ended);
    this.#stop.abort();
    await this.#opening;
    await this.#link?.close();
  }

  async #open(signal: AbortSignal): Promise<Libp2pLink> {
    const { target, guard } = this.#options;
    const address = parseMultiaddr(target.address);
    if (!address)
      throw new ConnectorError('refused', 'its address is no multiaddr of an IP address or a name, and TCP');
    const { host, family, port, peer } = address;
    const checked = await before(signal, guard.addressesOf(host, port));
    const addresses = checked
      .filter((one) => family === 0 || one.family === family)
      .map((one) => multiaddrOf(one.address, port));
    if (addresses.length === 0) throw new ConnectorError('unreachable', 'its name has no such address');
    return Libp2pLink.open({ addresses, ...(peer !== undefined && { peer }) }, signal);
  }

  #talk(link: Libp2pLink): void {
    const { target, events, clock, count, log, problemOf } = this.#options;
    const session = new PeerSession({
      link,
      compositor: target.id,
      events,
      clock,
      count,
      log,
      problemOf,
      onEnd: (error) => this.#end(error),
    });
    this.#link = link;
    this.#session = session;
    link.start({ onText: (text) => session.take(text), onEnd: (error) => this.#end(error) });
  }

  /** It is over, for the first reason given. */
  #end(error: ConnectorError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#session?.end(error);
    void this.#link?.close();
    if (this.#connected) this.#options.events.lost(error);
  }

  #throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }

  #live(): [Libp2pLink, PeerSession] {
    this.#throwIfEnded();
    if (!this.#link || !this.#session) throw new ConnectorError('unreachable', 'it is not connected');
    return [this.#link, this.#session];
  }
}

/** The result of `work`, unless the signal comes before it. */
async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new ConnectorError('timeout', 'no answer in time'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
