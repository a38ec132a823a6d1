import { ConnectorError, type Target } from '../../../domain/connector.ts';
import { beforeAbort } from '../connector-errors.ts';
import type { ConnectorParts } from '../connector-parts.ts';
import type { PeerLink, PeerLinkHandlers } from '../peer-link.ts';
import { dial, libp2pErrorOf, ping, type Dialled, type Libp2pAddress } from './dial.ts';
import { FRAME_LIMIT, FrameReader, frameOf } from './length-prefix.ts';
import { multiaddrOf, parseMultiaddr } from '../../../domain/multiaddr.ts';

/** Milliseconds that a peer has to close its side. */
const CLOSE_TIMEOUT = 1000;

/** One libp2p stream to a peer, of messages in frames. */
export class Libp2pLink implements PeerLink {
  readonly #dialled: Dialled;
  readonly #reader = new FrameReader();
  #handlers: Omit<PeerLinkHandlers, 'onBinary'> | undefined;
  #paused = false;
  #ended = false;

  private constructor(dialled: Dialled) {
    this.#dialled = dialled;
  }

  /** Resolves the target's multiaddr, checks its addresses and dials them. Throws a {@link ConnectorError}. */
  static async open(target: Target, { guard }: ConnectorParts, signal: AbortSignal): Promise<Libp2pLink> {
    const address = parseMultiaddr(target.address);
    if (!address)
      throw new ConnectorError(
        'refused',
        'its address is not a multiaddr of an IP address or a name, and TCP',
      );
    const { host, family, port, peer } = address;
    const admission = guard.admit(host, port);
    // When it comes too late, nobody connects.
    const { addresses: checked, release } = await beforeAbort(signal, admission).catch((error: unknown) => {
      admission.then(
        (late) => late.release(),
        () => undefined,
      );
      throw error;
    });
    const addresses = checked
      .filter((one) => family === 0 || one.family === family)
      .map((one) => multiaddrOf(one.address, port));
    try {
      if (addresses.length === 0) throw new ConnectorError('unreachable', 'its name has no such address');
      const link = await Libp2pLink.dial({ addresses, ...(peer !== undefined && { peer }) }, signal);
      link.#dialled.connection.addEventListener('close', release);
      return link;
    } catch (error) {
      release();
      throw error;
    }
  }

  static async dial(address: Libp2pAddress, signal: AbortSignal): Promise<Libp2pLink> {
    return new Libp2pLink(await dial(address, signal));
  }

  start(handlers: Omit<PeerLinkHandlers, 'onBinary'>): void {
    this.#handlers = handlers;
    const { stream } = this.#dialled;
    const closed = (error?: Error) => this.#end('unreachable', 'it closed the stream', error);
    stream.addEventListener('close', ({ error }) => closed(error));
    stream.addEventListener('drain', () => handlers.onSent());
    // A half-closed stream is no use: the peer would hear commands and never answer.
    stream.addEventListener('remoteCloseWrite', () => closed());
    if (stream.status !== 'open' || stream.remoteWriteStatus !== 'writable') return closed();
    stream.addEventListener('message', ({ data }) => {
      if (this.#ended) return;
      this.#reader.push(data.subarray());
      this.#readMessages();
    });
  }

  /** The ping has a stream of its own, so that it is answered even while this one is paused. */
  async ping(signal: AbortSignal): Promise<boolean> {
    try {
      await ping(this.#dialled.connection, signal);
      return true;
    } catch (error) {
      throw libp2pErrorOf(error, signal);
    }
  }

  get unsentBytes(): number {
    return this.#dialled.stream.writeBufferLength;
  }

  send(...texts: readonly string[]): void {
    if (this.#ended) return;
    try {
      for (const text of texts) this.#dialled.stream.send(frameOf(text));
    } catch (error) {
      // The stream is closing; its `close` event may never come.
      this.#end('unreachable', 'it closed the stream', error);
    }
  }

  pause(): void {
    this.#paused = true;
    const { stream } = this.#dialled;
    if (!this.#ended && stream.readStatus === 'readable') stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#readMessages();
    const { stream } = this.#dialled;
    if (this.#isReading() && stream.readStatus === 'paused') stream.resume();
  }

  async close(): Promise<void> {
    this.#ended = true;
    const { node } = this.#dialled;
    const deadline = AbortSignal.timeout(CLOSE_TIMEOUT);
    // A peer that does not close its side in time is cut off.
    const closing = node
      .getConnections()
      .map((connection) =>
        connection.close({ signal: deadline }).catch((error: unknown) => connection.abort(error as Error)),
      );
    await Promise.all(closing);
    await node.stop();
  }

  #readMessages(): void {
    try {
      while (this.#isReading()) {
        const text = this.#reader.next();
        if (text === undefined) return;
        this.#handlers?.onText(text);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#end('bad-answer', `it sent a frame of more than ${FRAME_LIMIT} bytes`, error);
    }
  }

  /** A method, because whoever takes a message may pause or end the link. */
  #isReading(): boolean {
    return !this.#paused && !this.#ended;
  }

  #end(kind: 'unreachable' | 'bad-answer', message: string, cause?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#handlers?.onEnd(new ConnectorError(kind, message, { cause }));
    void this.close();
  }
}
