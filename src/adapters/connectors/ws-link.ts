import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock } from '../../domain/clock.ts';
import {
  ANSWER_LIMIT,
  ConnectorError,
  USER_AGENT,
  type LinkEnd,
  type Target,
} from '../../domain/connector.ts';
import { beforeAbort, connectorErrorOf } from './connector-errors.ts';
import type { ConnectorParts } from './connector-parts.ts';
import { guardedAgent } from './guarded-agent.ts';
import { originOf } from './origin.ts';
import type { PeerLink, PeerLinkHandlers } from './peer-link.ts';

/** Milliseconds that a peer has to close the WebSocket from its side. */
const CLOSE_TIMEOUT = 1000;

/** One WebSocket to or from a peer. */
export class WsLink implements PeerLink {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  /** Under the WebSocket, when it is known: what is sent together then leaves together. */
  readonly #raw: Socket | undefined;
  /** The pings under way, by the text that their pong repeats. */
  readonly #pinging = new Map<
    string,
    { resolve: (answered: boolean) => void; reject: (error: Error) => void }
  >();
  #onEnd: ((error: ConnectorError) => void) | undefined;
  #onSent: () => void = () => undefined;
  #goodbye: LinkEnd = { code: 1000, reason: '' };
  #ended: ConnectorError | undefined;
  #paused = false;
  #pings = 0;

  private constructor(socket: WebSocket, clock: Clock, raw?: Socket) {
    this.#socket = socket;
    this.#clock = clock;
    this.#raw = raw;
    socket.on('error', (error) => this.#end(wsErrorOf(error)));
    socket.on('close', (code) => {
      this.#end(new ConnectorError('unreachable', `it ended the connection (${code})`));
      for (const { reject } of this.#pinging.values()) reject(this.#ended!);
    });
    socket.on('pong', (data) => this.#pinging.get(data.toString())?.resolve(true));
  }

  static async open(target: Target, parts: ConnectorParts, signal: AbortSignal): Promise<WsLink> {
    if (signal.aborted) throw new ConnectorError('timeout', 'no answer in time');
    const socket = connect(target, parts);
    const opened = new Promise<WsLink>((resolve, reject) => {
      socket.on('unexpected-response', (_, { statusCode = 0 }) => {
        const why =
          statusCode >= 300 && statusCode < 400 ? ': redirects are not followed' : ', and no WebSocket';
        reject(new ConnectorError('bad-answer', `it answered with ${statusCode}${why}`));
      });
      socket.on('error', (error) => reject(handshakeErrorOf(error)));
      socket.on('close', () => reject(new ConnectorError('unreachable', 'it cut the connection')));
      socket.on('open', () => {
        socket.removeAllListeners();
        // Messages wait until somebody listens.
        socket.pause();
        resolve(new WsLink(socket, parts.clock));
      });
    });
    try {
      return await beforeAbort(signal, opened);
    } catch (error) {
      socket.terminate();
      throw error;
    }
  }

  /** The link over a WebSocket that the peer opened, on `raw`. Messages wait until somebody listens. */
  static over(socket: WebSocket, raw: Socket, clock: Clock): WsLink {
    socket.pause();
    return new WsLink(socket, clock, raw);
  }

  /** With what it closes, instead of 1000. */
  endWith(end: LinkEnd): void {
    this.#goodbye = end;
  }

  start({ onText, onBinary, onSent, onEnd }: PeerLinkHandlers): void {
    if (this.#ended) return onEnd(this.#ended);
    this.#onEnd = onEnd;
    this.#onSent = onSent;
    this.#socket.on('message', (data: Buffer, isBinary) => (isBinary ? onBinary() : onText(data.toString())));
    this.#socket.resume();
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(...texts: readonly string[]): void {
    this.#raw?.cork();
    // When it cannot be sent, the socket's end follows.
    for (const text of texts) this.#socket.send(text, this.#sent);
    this.#raw?.uncork();
  }

  readonly #sent = () => this.#onSent();

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    for (const { resolve } of this.#pinging.values()) resolve(false);
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  async ping(signal: AbortSignal): Promise<boolean> {
    if (this.#paused) return false;
    const mark = String((this.#pings += 1));
    const answered = new Promise<boolean>((resolve, reject) => this.#pinging.set(mark, { resolve, reject }));
    this.#socket.ping(mark, undefined, () => undefined);
    try {
      return await beforeAbort(signal, answered, 'pong');
    } finally {
      this.#pinging.delete(mark);
    }
  }

  async close(): Promise<void> {
    this.#ended ??= new ConnectorError('unreachable', 'the connection was closed');
    const socket = this.#socket;
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // A paused socket would not hear the peer close.
    socket.resume();
    socket.close(this.#goodbye.code, this.#goodbye.reason);
    const cancel = this.#clock.after(CLOSE_TIMEOUT, () => socket.terminate());
    await closed;
    cancel();
  }

  #end(error: ConnectorError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#socket.terminate();
    this.#onEnd?.(error);
  }
}

function connect(target: Target, { guard, ca, bearers }: ConnectorParts): WebSocket {
  const origin = new URL(originOf(target));
  return new WebSocket(origin, {
    agent: guardedAgent({ guard, secure: origin.protocol === 'wss:', ca }),
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: ANSWER_LIMIT,
    headers: { 'user-agent': USER_AGENT, ...bearers?.headersFor(target) },
  });
}

/** Errors of the handshake itself have no code: the server accepts an upgrade, but not to a WebSocket. */
function handshakeErrorOf(error: Error): ConnectorError {
  const { code, cause } = error as NodeJS.ErrnoException;
  return code === undefined && cause === undefined && !(error instanceof ConnectorError)
    ? new ConnectorError('bad-answer', 'it does not speak WebSocket', { cause: error })
    : wsErrorOf(error);
}

function wsErrorOf(error: Error): ConnectorError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return new ConnectorError('bad-answer', `it sent a message larger than ${ANSWER_LIMIT} bytes`);
  if (code?.startsWith('WS_ERR_'))
    return new ConnectorError('bad-answer', `it broke the WebSocket protocol (${code})`);
  return connectorErrorOf(error);
}
