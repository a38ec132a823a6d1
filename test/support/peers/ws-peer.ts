import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Target } from '../../../src/domain/connector.ts';
import { freePort } from '../free-port.ts';
import type { Command } from './http-peer.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

export interface WsPeerOptions {
  readonly host?: string;
  readonly port?: number;
  /** Makes it speak wss. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export type Message = Readonly<Record<string, unknown>>;

/** Ways to be a bad one: accepts and says nothing, not even a pong; does not upgrade; redirects; never answers the handshake; is no HTTP at all. */
export type WsMischief = 'silent' | 'no-upgrade' | 'redirect' | 'no-handshake' | 'not-http';

/** A compositor that speaks WebSocket, as those of today do; answers commands, and everything it hears is kept. */
export class WsPeer {
  readonly target: Target;
  readonly host: string;
  readonly port: number;
  /** The answer to a command; what it throws is told as its failure. */
  onCommand: (command: Command) => unknown = ({ command, params }) => ({ ran: command, params });
  mischief: WsMischief | undefined;
  /** Sent as a `status` to whoever connects; undefined is nothing. */
  info: unknown = { name: 'a peer', fps: 60 };
  /** Every message heard, but commands. */
  readonly heard: Message[] = [];
  readonly commands: Command[] = [];
  /** Those that are open. */
  readonly sockets = new Set<WebSocket>();
  /** How many were opened so far. */
  connections = 0;
  /** Of the last handshake. */
  headers: IncomingMessage['headers'] | undefined;
  readonly #options: WsPeerOptions;
  readonly #events = new EventEmitter();
  readonly #raw = new Set<Socket>();
  #server: Server | undefined;

  private constructor(options: WsPeerOptions, port: number) {
    this.#options = options;
    this.host = options.host ?? '127.0.0.1';
    this.port = port;
    this.target = { id: 'peer', protocol: options.tls ? 'wss' : 'ws', address: this.host, port };
    this.#events.setMaxListeners(0);
  }

  static async start(t: Owner, options: WsPeerOptions = {}): Promise<WsPeer> {
    const peer = new WsPeer(options, options.port ?? (await freePort()));
    await peer.listen();
    t.teardown(() => peer.stop());
    return peer;
  }

  silence(): void {
    this.mischief = 'silent';
  }

  targetAt(address: string): Target {
    return { ...this.target, address };
  }

  /** Again, at the same port. */
  async listen(): Promise<void> {
    const server = this.#options.tls ? createSecureServer(this.#options.tls) : createServer();
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false });
    server.on('connection', (socket: Socket) => {
      this.#raw.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#raw.delete(socket));
    });
    server.on('upgrade', (request: IncomingMessage, socket, head) => {
      this.headers = request.headers;
      if (!this.#refuse(socket)) sockets.handleUpgrade(request, socket, head, (ws) => this.#accept(ws));
    });
    server.listen(this.port, this.host);
    await once(server, 'listening');
    this.#server = server;
  }

  /** As when its process dies. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    for (const socket of this.#raw) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  get open(): number {
    return this.sockets.size;
  }

  /** Bytes that it could not get rid of. */
  get unread(): number {
    return this.socket.bufferedAmount;
  }

  /** The newest open socket. */
  get socket(): WebSocket {
    return [...this.sockets].at(-1)!;
  }

  /** The socket under the newest one, to write bytes on that are no frames. */
  get bytes(): Socket {
    return [...this.#raw].at(-1)!;
  }

  say(...messages: unknown[]): void {
    for (const message of messages) this.socket.send(JSON.stringify(message));
  }

  sayGarbage(): void {
    this.socket.send('\u0000not JSON');
    this.socket.send(Buffer.from([1, 2, 3]));
  }

  /** Says it under a new correlation id; resolves to the reply. */
  async ask(message: Message, id = `ask-${Math.random()}`): Promise<Message> {
    this.say({ ...message, id });
    return this.hears((reply) => reply['type'] === 'reply' && reply['id'] === id);
  }

  /** The first message heard, or yet to be, that `fits`; the test's time limit is the ceiling. */
  async hears(fits: (message: Message) => boolean): Promise<Message> {
    await this.until(() => this.heard.some(fits));
    return this.heard.find(fits)!;
  }

  /** Resolves when `holds`, asked at each message and at each beginning and end of a connection. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, 'change');
  }

  #refuse(socket: Duplex): boolean {
    switch (this.mischief) {
      case undefined:
      case 'silent':
        return false;
      case 'no-upgrade':
        socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return true;
      case 'redirect':
        socket.end('HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n');
        return true;
      case 'not-http':
        socket.end('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n');
        return true;
      case 'no-handshake':
        return true;
    }
  }

  #accept(ws: WebSocket): void {
    this.connections += 1;
    this.sockets.add(ws);
    ws.on('error', () => undefined);
    ws.on('close', () => {
      this.sockets.delete(ws);
      this.#events.emit('change');
    });
    ws.on('ping', (data: Buffer) => {
      if (this.mischief !== 'silent') ws.pong(data);
    });
    ws.on('message', (data: Buffer) => void this.#take(ws, JSON.parse(data.toString()) as Message));
    if (this.info && this.mischief !== 'silent')
      ws.send(JSON.stringify({ type: 'status', ...(this.info as Message) }));
    this.#events.emit('change');
  }

  async #take(ws: WebSocket, message: Message): Promise<void> {
    if (message['type'] === 'command') await this.#run(ws, message as unknown as Command);
    else this.heard.push(message);
    this.#events.emit('change');
  }

  async #run(ws: WebSocket, { id, command, params }: Command): Promise<void> {
    this.commands.push({ id, command, params });
    this.#events.emit('change');
    if (this.mischief === 'silent') return;
    const reply = { type: 'reply', id };
    try {
      const body = (await this.onCommand({ id, command, params })) ?? null;
      ws.send(JSON.stringify({ ...reply, ok: true, body }));
    } catch (error) {
      ws.send(JSON.stringify({ ...reply, ok: false, error: (error as Error).message }));
    }
  }
}
