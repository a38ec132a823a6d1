import { randomBytes } from 'node:crypto';
import type { Libp2p } from 'libp2p';
import { ConnectorError } from '../../../domain/connector.ts';
import { connectorErrorOf } from '../connector-errors.ts';
import { FRAME_LIMIT } from './length-prefix.ts';

export const PROTOCOL = '/geoos/compositor/1.0.0';
const INBOUND_STREAMS = 16;
const PING_PROTOCOL = '/ipfs/ping/1.0.0';
const PING_LENGTH = 32;

export type Connection = Awaited<ReturnType<Libp2p['dial']>>;
export type Stream = Awaited<ReturnType<Connection['newStream']>>;

export interface Libp2pAddress {
  /** Multiaddrs of checked IP addresses, tried in this order. */
  readonly addresses: readonly string[];
  /** The peer id that must answer there; absent: any peer. */
  readonly peer?: string;
}

export interface Dialled {
  readonly node: Libp2p;
  readonly connection: Connection;
  readonly stream: Stream;
}

/**
 * Opens one stream to a peer, with a libp2p node of its own (half a millisecond, 100 kB), so that no connection can break
 * another. Throws a {@link ConnectorError}.
 */
export async function dial({ addresses, peer }: Libp2pAddress, signal: AbortSignal): Promise<Dialled> {
  const { createLibp2p, tcp, noise, yamux, multiaddr } = await loadLibp2p();
  const targets = addresses.map((address) => multiaddr(address));
  const checked = new Set(targets.map(String));
  let node: Libp2p | undefined;
  try {
    signal.throwIfAborted();
    node = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [
        yamux({
          maxInboundStreams: INBOUND_STREAMS,
          // By default a window grows to 16 MiB, all of which a peer could send while the daemon does not read.
          streamOptions: { maxStreamWindowSize: FRAME_LIMIT },
        }),
      ],
      // A peer can announce more addresses; only the checked ones are dialled.
      connectionGater: { denyDialMultiaddr: (address) => !checked.has(String(address)) },
      // The connection to the compositor sends its own probes.
      connectionMonitor: { enabled: false },
    });
    const connection = await node.dial(targets, { signal });
    if (peer !== undefined && connection.remotePeer.toString() !== peer)
      throw new ConnectorError(
        'bad-answer',
        'another peer answers there than the one that its address names',
      );
    return { node, connection, stream: await connection.newStream(PROTOCOL, { signal }) };
  } catch (error) {
    await node?.stop();
    throw libp2pErrorOf(error, signal);
  }
}

/** Resolves when the peer has echoed a ping, or answered that it does not support the ping protocol: it is alive, too. */
export async function ping(connection: Connection, signal: AbortSignal): Promise<void> {
  try {
    const stream = await connection.newStream(PING_PROTOCOL, { signal });
    try {
      await new Promise<void>((resolve, reject) => {
        let missing = PING_LENGTH;
        stream.addEventListener('message', ({ data }) => {
          missing -= data.byteLength;
          if (missing <= 0) resolve();
        });
        stream.addEventListener('close', ({ error }) => reject(error ?? new Error('no echo')));
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        stream.send(randomBytes(PING_LENGTH));
      });
    } finally {
      stream.abort(new Error('done'));
    }
  } catch (error) {
    if ((error as Error).name !== 'UnsupportedProtocolError') throw error;
  }
}

/** The daemon's own words for an error of libp2p, whose message may quote the peer. */
export function libp2pErrorOf(error: unknown, signal: AbortSignal): ConnectorError {
  // Several addresses fail with several errors; any of them will do.
  const one: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  const { code, name } = one as { code?: unknown; name?: unknown };
  // Only errors of the operating system have such a code: ECONNREFUSED, EHOSTUNREACH.
  const isOfSystem = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  if (signal.aborted || one instanceof ConnectorError || isOfSystem) return connectorErrorOf(one, signal);
  const what = name === 'UnsupportedProtocolError' ? PROTOCOL : 'libp2p with Noise and Yamux';
  return new ConnectorError('bad-answer', `it does not speak ${what}`, { cause: error });
}

/** Loads libp2p at its first use: it is optional and large, and Node 20 cannot run it. */
async function loadLibp2p() {
  if (!('withResolvers' in Promise)) throw new ConnectorError('refused', 'libp2p needs Node 22 or newer');
  try {
    const [{ createLibp2p }, { tcp }, { noise }, { yamux }, { multiaddr }] = await Promise.all([
      import('libp2p'),
      import('@libp2p/tcp'),
      import('@chainsafe/libp2p-noise'),
      import('@libp2p/yamux'),
      import('@multiformats/multiaddr'),
    ]);
    return { createLibp2p, tcp, noise, yamux, multiaddr };
  } catch (cause) {
    throw new ConnectorError('refused', 'libp2p is not installed with this daemon', { cause });
  }
}
