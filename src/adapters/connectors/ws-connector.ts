import { WebSocket } from 'ws';
import type { Clock } from '../../domain/clock.ts';
import {
  ANSWER_LIMIT,
  ConnectorError,
  type Command,
  type Connector,
  type ConnectorEvents,
  type Probe,
  type Target,
} from '../../domain/connector.ts';
import type { Guard } from './guard.ts';
import type { ConnectorLog, CountViolation } from './protocol-violation.ts';
import { PeerSession } from './peer-session.ts';
import { originOf } from './origin.ts';
import { connectorErrorOf } from './connector-errors.ts';

export interface WsConnectorOptions {
  readonly target: Target;
  readonly events: ConnectorEvents;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly count: CountViolation;
  readonly log: ConnectorLog;
  readonly problemOf: (error: unknown) => object;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
}

/** Milliseconds that a peer has for its goodbye. */
const GOODBYE = 1000;

/** One WebSocket to one peer, with a {@link PeerSession} on it. */
export class WsConnector implements Connector {
  readonly #options: WsConnectorOptions;
  /** Pings that wait, each with how to give up on it. */
  readonly #pinging = new Set<() => void>();
  #socket: WebSocket | undefined;
  #session: PeerSession | undefined;
  #open = false;
  /** Why it is over. */
  #ended: ConnectorError | undefined;
  #pings = 0;
  #latencyMs = 0;

  constructor(options: WsConnectorOptions) {
    this.#options = options;
  }

  async connect(signal: AbortSignal): Promise<void> {
    if (this.#ended) throw this.#ended;
    if (signal.aborted) throw new ConnectorError('timeout', 'no answer in time');
    const socket = this.#dial();
    this.#socket = socket;
    const session = this.#talk(socket);
    this.#session = session;
    const late = () => this.#end(new ConnectorError('timeout', 'no answer in time'));
    signal.addEventListener('abort', late, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('open', () => {
          this.#open = true;
          resolve();
        });
        socket.once('close', () =>
          reject(this.#ended ?? new ConnectorError('unreachable', 'it cut the connection')),
        );
      });
    } finally {
      signal.removeEventListener('abort', late);
    }
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const [socket, session] = this.#live();
    session.checkSense();
    // While its tiles wait for the store we do not listen, and would not hear it answer.
    if (!session.held) this.#latencyMs = (await this.#ping(socket, signal)) ?? this.#latencyMs;
    return { latencyMs: this.#latencyMs, ...(session.info && { info: session.info }) };
  }

  async send(command: Command, signal: AbortSignal): Promise<unknown> {
    const [, session] = this.#live();
    return session.send(command, signal);
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#ended ??= new ConnectorError('unreachable', 'the link was closed');
    this.#session?.end(this.#ended);
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Held back, it would never hear the goodbye of the other end.
    socket.resume();
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else socket.close(1000);
    const cancel = this.#options.clock.after(GOODBYE, () => socket.terminate());
    await closed;
    cancel();
  }

  #dial(): WebSocket {
    const { target, guard, ca } = this.#options;
    const origin = new URL(originOf(target));
    const port = Number(origin.port || (origin.protocol === 'wss:' ? 443 : 80));
    guard.checkLiteral(origin.hostname.replace(/^\[(.*)\]$/, '$1'), port);
    const socket = new WebSocket(origin, {
      lookup: guard.lookupFor(port),
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: ANSWER_LIMIT,
      headers: { 'user-agent': 'compositord' },
      ...(ca !== undefined && { ca }),
    });
    return socket;
  }

  #talk(socket: WebSocket): PeerSession {
    const { target, events, clock, count, log, problemOf } = this.#options;
    const session = new PeerSession({
      link: {
        get waiting() {
          return socket.bufferedAmount;
        },
        // What cannot be sent any more is followed by the end of the socket.
        send: (text) => socket.send(text, () => undefined),
        pause: () => {
          socket.pause();
          for (const giveUp of this.#pinging) giveUp();
        },
        resume: () => socket.resume(),
      },
      compositor: target.id,
      events,
      clock,
      count,
      log,
      problemOf,
      onEnd: (error) => this.#end(error),
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) session.takeGarbage();
      else session.take(data.toString());
    });
    socket.on('unexpected-response', (_, response) => {
      const code = response.statusCode ?? 0;
      const why = code >= 300 && code < 400 ? ': redirects are not followed' : ', and no WebSocket';
      this.#end(new ConnectorError('bad-answer', `it answered with ${code}${why}`));
    });
    socket.on('error', (error) => this.#end(this.#troubleOf(error)));
    socket.on('close', (code) =>
      this.#end(new ConnectorError('unreachable', `it ended the connection (${code})`)),
    );
    return session;
  }

  /** Milliseconds until the peer's pong; undefined when we stopped to listen meanwhile. */
  #ping(socket: WebSocket, signal: AbortSignal): Promise<number | undefined> {
    const { clock } = this.#options;
    const sent = clock.monotonic();
    const mark = String((this.#pings += 1));
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#pinging.delete(giveUp);
        socket.off('pong', onPong);
        socket.off('close', onClose);
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const onPong = (data: Buffer) => {
        if (data.toString() === mark) settle(() => resolve(clock.monotonic() - sent));
      };
      const onClose = () => settle(() => reject(this.#ended!));
      const onAbort = () => settle(() => reject(new ConnectorError('timeout', 'no pong in time')));
      const giveUp = () => settle(() => resolve(undefined));
      this.#pinging.add(giveUp);
      socket.on('pong', onPong);
      socket.on('close', onClose);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else socket.ping(mark, undefined, () => undefined);
    });
  }

  /** It is over, for the first reason given. */
  #end(error: ConnectorError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#session?.end(error);
    this.#socket?.terminate();
    if (this.#open) this.#options.events.lost(error);
  }

  #live(): [WebSocket, PeerSession] {
    if (this.#ended) throw this.#ended;
    if (!this.#socket || !this.#session || !this.#open)
      throw new ConnectorError('unreachable', 'it is not connected');
    return [this.#socket, this.#session];
  }

  #troubleOf(error: Error): ConnectorError {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      return new ConnectorError('bad-answer', `it sent a message larger than ${ANSWER_LIMIT} bytes`);
    if (code?.startsWith('WS_ERR_'))
      return new ConnectorError('bad-answer', `it broke the WebSocket protocol (${code})`);
    // The handshake's errors have none: a server that upgrades, but not to this.
    if (code === undefined && !(error instanceof ConnectorError) && !this.#open && error.cause === undefined)
      return new ConnectorError('bad-answer', 'it does not speak WebSocket', { cause: error });
    return connectorErrorOf(error);
  }
}
