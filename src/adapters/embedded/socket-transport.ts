import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, stat, symlink, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { ENVELOPE_LIMIT, MESSAGE_LIMIT, type Receiver, type Transport } from '../../domain/peer-bus.ts';
import { StoreUnreachable } from '../../domain/store.ts';
import { FILE_MODE, makePrivateFolder } from './private-files.ts';
import { encodeText, SocketDecoder } from './socket-codec.ts';

/** In the store's folder; it holds one socket a replica, `<name>.sock`. */
export const SOCKET_FOLDER = 'post';
export const SOCKET_EXTENSION = '.sock';
const NAME = /^[0-9a-f]{12}$/;
/** Bytes that the path of a Unix socket may have on every system. */
const MAX_PATH = 100;
/** Bytes at most that wait for a replica that does not read. */
const MAX_WAITING = 4 * MESSAGE_LIMIT;
/** Milliseconds for which a socket that nobody listens on may belong to a process that is just starting. */
const STARTING = 10_000;

/**
 * Carries messages between daemons that share one folder: each listens on a Unix socket there. Where the file system
 * has no sockets, a daemon reaches only itself.
 */
export class SocketTransport implements Transport {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  /** Open or opening, by replica; undefined when nobody listens there. */
  readonly #connections = new Map<string, Promise<Socket | undefined>>();
  #receiver: Receiver | undefined;
  #server: Server | undefined;
  /** Where the sockets are: the folder, or a link to it where its own path is too long for a socket. */
  #socketFolder: string;
  #linkFolder: string | undefined;
  #closed = false;

  constructor(options: { path: string; clock: Clock }) {
    this.#folder = resolve(options.path, SOCKET_FOLDER);
    this.#socketFolder = this.#folder;
    this.#clock = options.clock;
  }

  async start(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    try {
      await makePrivateFolder(this.#folder);
      await this.#shorten(receiver.self);
      this.#server = await this.#listen(this.#pathOf(receiver.self));
    } catch {
      this.#server = undefined;
    }
  }

  async send(to: string, text: string): Promise<boolean> {
    return this.#send(to, text, MAX_WAITING);
  }

  sendToAll(text: string, onlyReading = false): void {
    // What the kernel does not take waits here, so 0 leaves out whoever lets its socket fill up.
    const mostWaiting = onlyReading ? 0 : MAX_WAITING;
    for (const name of this.#others()) this.#send(name, text, mostWaiting).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const server = this.#server;
    // What was written last still goes out, but a replica that does not read it is not waited for.
    for (const socket of this.#sockets) socket.destroySoon();
    if (server) await new Promise<void>((closed) => server.close(() => closed()));
    if (this.#linkFolder !== undefined) await rm(this.#linkFolder, { recursive: true, force: true });
  }

  async #send(to: string, text: string, mostWaiting: number): Promise<boolean> {
    const socket = await this.#connectionTo(to);
    if (!socket) return false;
    if (socket.writableLength > mostWaiting) throw new StoreUnreachable(`the replica ${to} does not read`);
    socket.write(encodeText(text));
    return true;
  }

  /** Some systems cut off a long path of a socket in silence, others refuse it: a link with a short path stands in for it. */
  async #shorten(self: string): Promise<void> {
    if (Buffer.byteLength(this.#pathOf(self)) <= MAX_PATH) return;
    this.#linkFolder = await mkdtemp(join(tmpdir(), 'compositord-'));
    this.#socketFolder = join(this.#linkFolder, SOCKET_FOLDER);
    await symlink(this.#folder, this.#socketFolder);
  }

  async #listen(path: string): Promise<Server> {
    const server = createServer((socket) => this.#read(socket));
    server.listen(path);
    await once(server, 'listening');
    await chmod(path, FILE_MODE);
    server.on('error', () => undefined);
    server.unref();
    return server;
  }

  #read(socket: Socket): void {
    this.#track(socket);
    const decoder = new SocketDecoder(ENVELOPE_LIMIT);
    socket.on('data', (chunk) => {
      try {
        for (const text of decoder.take(chunk)) this.#receiver?.receive(text);
      } catch {
        socket.destroy();
      }
    });
  }

  #connectionTo(name: string): Promise<Socket | undefined> {
    const known = this.#connections.get(name);
    if (known) return known;
    const connection = this.#connect(name);
    this.#connections.set(name, connection);
    const forget = () => this.#connections.delete(name);
    connection.then((socket) => (socket ? socket.once('close', forget) : forget()), forget);
    return connection;
  }

  async #connect(name: string): Promise<Socket | undefined> {
    if (this.#closed || !NAME.test(name)) return undefined;
    const path = this.#pathOf(name);
    const socket = createConnection(path);
    this.#track(socket);
    try {
      await new Promise<void>((connected, failed) => {
        socket.once('connect', connected);
        socket.once('error', failed);
        socket.once('close', () => failed(new Error('closed')));
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ECONNREFUSED') await this.#removeStale(path);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined;
      throw new StoreUnreachable(`the replica ${name} cannot be reached`, { cause: error });
    }
    socket.resume();
    socket.once('close', () => {
      if (!this.#closed) this.#receiver?.disconnected(name);
    });
    return socket;
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Removes the socket of a process that was killed, never one whose process is about to listen. */
  async #removeStale(path: string): Promise<void> {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (this.#clock.now() - mtimeMs > STARTING) await unlink(path).catch(() => undefined);
  }

  #others(): string[] {
    if (!this.#server || this.#closed) return [];
    try {
      return readdirSync(this.#folder)
        .filter((file) => file.endsWith(SOCKET_EXTENSION))
        .map((file) => file.slice(0, -SOCKET_EXTENSION.length))
        .filter((name) => name !== this.#receiver?.self);
    } catch {
      return [];
    }
  }

  #pathOf(name: string): string {
    return join(this.#socketFolder, `${name}${SOCKET_EXTENSION}`);
  }
}
