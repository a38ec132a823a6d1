import type { Libp2p } from 'libp2p';
import { ConnectorError } from '../../../domain/connector.ts';
import type { PeerLink } from '../peer-link.ts';
import { loadLibp2p } from './load-libp2p.ts';
import { FRAME_LIMIT, FrameReader, frameOf } from './frames.ts';
import { ping } from './ping.ts';
import { troubleOf } from './libp2p-trouble.ts';

export const PROTOCOL = '/geoos/compositor/1.0.0';

export interface Libp2pAddress {
  /** Multiaddrs of IP addresses that were checked: tried in their order. */
  readonly addresses: readonly string[];
  /** Who must answer there; absent: whoever does. */
  readonly peer?: string;
}

export interface Libp2pLinkEvents {
  readonly onText: (text: string) => void;
  /** The peer ended it, or broke the rules; called at most once, and never after `close`. */
  readonly onEnd: (error: ConnectorError) => void;
}

type Connection = Awaited<ReturnType<Libp2p['dial']>>;
type Stream = Awaited<ReturnType<Connection['newStream']>>;

/** How long a peer may take over saying goodbye, in milliseconds. */
const GOODBYE = 1_000;
const INBOUND_STREAMS = 16;

/** One stream to one peer, of messages in frames. Each link is a node of its own (half a millisecond, 100 kB): two links never share a fate. */
export class Libp2pLink implements PeerLink {
  readonly #node: Libp2p;
  readonly #connection: Connection;
  readonly #stream: Stream;
  #events: Libp2pLinkEvents | undefined;
  readonly #reader = new FrameReader();
  #paused = false;
  #over = false;

  private constructor(node: Libp2p, connection: Connection, stream: Stream) {
    this.#node = node;
    this.#connection = connection;
    this.#stream = stream;
  }

  /** Throws a {@link ConnectorError}. */
  static async open(options: Libp2pAddress, signal: AbortSignal): Promise<Libp2pLink> {
    const { createLibp2p, tcp, noise, yamux, multiaddr } = await loadLibp2p();
    const addresses = options.addresses.map((address) => multiaddr(address));
    const checked = new Set(addresses.map(String));
    let node: Libp2p | undefined;
    try {
      signal.throwIfAborted();
      node = await createLibp2p({
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [
          yamux({
            maxInboundStreams: INBOUND_STREAMS,
            // By itself a window grows to 16 MiB: what a peer may send to one that does not listen.
            streamOptions: { maxStreamWindowSize: FRAME_LIMIT },
          }),
        ],
        // Nothing but what was checked, whatever else a peer says where it is.
        connectionGater: { denyDialMultiaddr: (address) => !checked.has(String(address)) },
        // Whoever holds this link probes it.
        connectionMonitor: { enabled: false },
      });
      const connection = await node.dial(addresses, { signal });
      if (options.peer !== undefined && connection.remotePeer.toString() !== options.peer)
        throw new ConnectorError(
          'bad-answer',
          'another peer answers there than the one that its address names',
        );
      const stream = await connection.newStream(PROTOCOL, { signal });
      return new Libp2pLink(node, connection, stream);
    } catch (error) {
      await node?.stop();
      throw troubleOf(error, signal);
    }
  }

  /** From now on messages come; until now they waited. */
  start(events: Libp2pLinkEvents): void {
    this.#events = events;
    const stream = this.#stream;
    const closed = (error?: Error) => this.#end('unreachable', 'it closed the stream', error);
    stream.addEventListener('close', ({ error }) => closed(error));
    // Half a stream is of no use: it could hear commands, and never answer.
    stream.addEventListener('remoteCloseWrite', () => closed());
    if (stream.status !== 'open' || stream.remoteWriteStatus !== 'writable') return closed();
    stream.addEventListener('message', ({ data }) => this.#take(data.subarray()));
  }

  /** Asks the peer's own libp2p whether it is there, on a stream of its own: held back or not, it answers. */
  async ping(signal: AbortSignal): Promise<void> {
    try {
      await ping(this.#connection, signal);
    } catch (error) {
      throw troubleOf(error, signal);
    }
  }

  get waiting(): number {
    return this.#stream.writeBufferLength;
  }

  send(text: string): void {
    if (this.#over) return;
    try {
      this.#stream.send(frameOf(text));
    } catch (error) {
      // It is closing, and its `close` comes next or never.
      this.#end('unreachable', 'it closed the stream', error);
    }
  }

  /** No message comes until `resume`; the peer is held back once its window is full. */
  pause(): void {
    this.#paused = true;
    if (!this.#over && this.#stream.readStatus === 'readable') this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
    if (!this.#isPaused() && !this.#over && this.#stream.readStatus === 'paused') this.#stream.resume();
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#stop();
  }

  #take(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#reader.push(bytes);
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#isPaused() && !this.#over) {
      const text = this.#next();
      if (text === undefined) return;
      this.#events?.onText(text);
    }
  }

  #next(): string | undefined {
    try {
      return this.#reader.next();
    } catch (error) {
      this.#end('bad-answer', `it sent a frame of more than ${FRAME_LIMIT} bytes`, error);
      return undefined;
    }
  }

  /** Read anew each time: whoever takes a message may pause. */
  #isPaused(): boolean {
    return this.#paused;
  }

  #end(trouble: 'unreachable' | 'bad-answer', message: string, cause?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#events?.onEnd(new ConnectorError(trouble, message, { cause }));
    void this.#stop();
  }

  async #stop(): Promise<void> {
    const gone = AbortSignal.timeout(GOODBYE);
    await Promise.all(
      this.#node.getConnections().map(async (connection) => {
        // A peer that does not say goodbye, or reads no more, is cut off.
        await connection.close({ signal: gone }).catch((error: unknown) => connection.abort(error as Error));
      }),
    );
    await this.#node.stop();
  }
}
