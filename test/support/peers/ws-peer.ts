import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Target } from '../../../src/domain/connector.ts';
import { freePort } from '../free-port.ts';
import { WsTalk } from './ws-talk.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

export interface WsPeerOptions {
  readonly host?: string;
  readonly port?: number;
  /** Makes it speak wss. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Ways to be a bad one: accepts and says nothing, not even a pong; does not upgrade; redirects; never answers the handshake; is no HTTP at all. */
export type WsMischief = 'silent' | 'no-upgrade' | 'redirect' | 'no-handshake' | 'not-http';

/** A compositor that speaks WebSocket, as those of today do; answers commands, and everything it hears is kept. */
export class WsPeer extends WsTalk {
  readonly target: Target;
  readonly host: string;
  readonly port: number;
  #mischief: WsMischief | undefined;
  /** Of the last handshake. */
  headers: IncomingMessage['headers'] | undefined;
  readonly #options: WsPeerOptions;
  readonly #raw = new Set<Socket>();
  #server: Server | undefined;

  private constructor(options: WsPeerOptions, port: number) {
    super();
    this.#options = options;
    this.host = options.host ?? '127.0.0.1';
    this.port = port;
    this.target = { id: 'peer', protocol: options.tls ? 'wss' : 'ws', address: this.host, port };
  }

  static async start(t: Owner, options: WsPeerOptions = {}): Promise<WsPeer> {
    const peer = new WsPeer(options, options.port ?? (await freePort()));
    await peer.listen();
    t.teardown(() => peer.stop());
    return peer;
  }

  set mischief(mischief: WsMischief | undefined) {
    this.#mischief = mischief;
    this.isSilent = mischief === 'silent';
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
      if (!this.#refuse(socket)) sockets.handleUpgrade(request, socket, head, (ws) => this.talk(ws));
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

  /** The socket under the newest one, to write bytes on that are no frames. */
  get bytes(): Socket {
    return [...this.#raw].at(-1)!;
  }

  #refuse(socket: Duplex): boolean {
    switch (this.#mischief) {
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
}
