import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { gzipSync } from 'node:zlib';
import type { Target } from '../../../src/domain/connector.ts';
import { freePort } from '../free-port.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

export interface HttpPeerOptions {
  /** By default 127.0.0.1. */
  readonly host?: string;
  readonly port?: number;
  /** Makes it speak HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * Ways to be a bad compositor, in answer to any request: says nothing, answers what is no JSON, with a body that never ends, byte by byte, with a redirect,
 * with half of what it promised, with a small body that unpacks to a large one, with a head of 64 KiB, with no HTTP at all.
 */
export type HttpMischief =
  'silent' | 'garbage' | 'endless' | 'drip' | 'redirect' | 'cut' | 'bomb' | 'huge-head' | 'not-http';

export interface Command {
  readonly id: string;
  readonly command: string;
  readonly params?: unknown;
}

/** A compositor with an HTTP API: `GET /health`, `GET /api/status`, `POST /commands`, and whatever `onRequest` answers. */
export class HttpPeer {
  readonly target: Target;
  readonly host: string;
  readonly port: number;
  /** Of `GET /health`. */
  health = 200;
  /** What it answers; undefined: its status in words. */
  healthBody: object | undefined;
  /** What `GET /api/status` answers; undefined is 404. A text is sent as it is. */
  info: unknown = { name: 'a peer', fps: 60 };
  /** Where `info` is. */
  infoPath = '/api/status';
  /** The answer to a command; what it throws is a 422. */
  onCommand: (command: Command) => unknown = ({ command, params }) => ({ ran: command, params });
  /** Answers everything else; by default 404. The request's body has not been read. */
  onRequest: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) =>
    response.writeHead(404).end();
  mischief: HttpMischief | undefined;
  /** Where a redirect leads. */
  redirectTo = 'http://127.0.0.1:1/';
  /** Every request that was answered here, but those that `onRequest` took. */
  readonly requests: HttpRequest[] = [];
  readonly commands: Command[] = [];
  /** How many connections were made to it so far. */
  connections = 0;
  /** How many of them are open. */
  open = 0;
  /** Bytes that an endless answer got rid of. */
  sent = 0;
  readonly #options: HttpPeerOptions;
  readonly #events = new EventEmitter();
  #server: Server | undefined;

  private constructor(options: HttpPeerOptions, port: number) {
    this.#options = options;
    this.host = options.host ?? '127.0.0.1';
    this.port = port;
    const protocol = options.tls ? 'https' : 'http';
    this.target = { id: 'peer', protocol, address: this.host, port };
    this.#events.setMaxListeners(0);
  }

  static async start(t: Owner, options: HttpPeerOptions = {}): Promise<HttpPeer> {
    const peer = new HttpPeer(options, options.port ?? (await freePort()));
    await peer.listen();
    t.teardown(() => peer.stop());
    return peer;
  }

  get url(): string {
    return `${this.target.protocol}://${this.host}:${this.port}`;
  }

  silence(): void {
    this.mischief = 'silent';
  }

  targetAt(address: string): Target {
    return { ...this.target, address };
  }

  /** Again, at the same port. */
  async listen(): Promise<void> {
    const take = (request: IncomingMessage, response: ServerResponse) => void this.#take(request, response);
    const server = this.#options.tls ? createSecureServer(this.#options.tls, take) : createServer(take);
    server.on('connection', (socket) => {
      this.connections += 1;
      this.open += 1;
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.open -= 1;
        this.#events.emit('change');
      });
      this.#events.emit('change');
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
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Resolves when `holds`, asked at each request, command and end of a connection; the test's time limit is the ceiling. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, 'change');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    const { method = '', url = '', headers } = request;
    if (this.mischief) return this.#misbehave(this.mischief, request, response);
    const known = [`GET /health`, `GET ${this.infoPath}`, 'POST /commands'].includes(`${method} ${url}`);
    if (!known) return void this.onRequest(request, response);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.requests.push({ method, url, headers, body });
    if (url === '/health' && this.health === 204) response.writeHead(204).end();
    else if (url === '/health')
      json(response, this.health, this.healthBody ?? { status: this.health < 300 ? 'ok' : 'unwell' });
    else if (url === this.infoPath) this.#tell(response);
    else await this.#run(body, response);
    this.#events.emit('change');
  }

  #tell(response: ServerResponse): void {
    if (typeof this.info === 'string') response.end(this.info);
    else json(response, this.info === undefined ? 404 : 200, this.info ?? {});
  }

  async #run(body: string, response: ServerResponse): Promise<void> {
    const command = JSON.parse(body) as Command;
    this.commands.push(command);
    this.#events.emit('change');
    try {
      json(response, 200, (await this.onCommand(command)) ?? null);
    } catch (error) {
      json(response, 422, { error: (error as Error).message });
    }
  }

  #misbehave(mischief: HttpMischief, request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, url, headers, body: '' });
    this.#events.emit('change');
    request.resume();
    switch (mischief) {
      case 'silent':
        return;
      case 'garbage':
        return void response.end('\u0000<html>{"not": json');
      case 'redirect':
        return void response.writeHead(302, { location: this.redirectTo }).end();
      case 'cut':
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"half":', () => request.socket.destroy());
        return;
      case 'bomb':
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
        return void response.end(gzipSync(Buffer.alloc(16 * 2 ** 20, ' ')));
      case 'huge-head':
        return void response.writeHead(200, { 'x-large': 'x'.repeat(64 * 1024) }).end();
      case 'not-http':
        return void request.socket.end('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n');
      case 'drip':
        response.writeHead(200, { 'content-type': 'application/json' });
        return drip(response);
      case 'endless':
        response.writeHead(200, { 'content-type': 'application/json' });
        return this.#flood(response);
    }
  }

  #flood(response: ServerResponse): void {
    const piece = Buffer.alloc(64 * 1024, ' ');
    const pour = () => {
      for (let more = true; more && !response.destroyed; this.sent += piece.length)
        more = response.write(piece);
    };
    response.on('drain', pour);
    pour();
  }
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(timer));
}

function json(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
