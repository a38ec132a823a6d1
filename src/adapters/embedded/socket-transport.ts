import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, symlink, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { MESSAGE_LIMIT } from '../../domain/peer-bus.ts';
import { StoreUnreachable } from '../../domain/store.ts';
import { ENVELOPE_LIMIT } from '../peer-bus/message.ts';
import type { Receiver, Transport } from '../peer-bus/transport-peer-bus.ts';
import { encodeText, SocketDecoder } from './socket-codec.ts';

/** In the store's folder: one socket a replica, `<name>.sock`. */
const FOLDER = 'post';
const ENDING = '.sock';
const NAME = /^[0-9a-f]{12}$/;
/** Bytes that the name of a Unix socket may have, on every system. */
const MAX_PATH = 100;
/** Bytes that wait for a replica that does not read. */
const MAX_WAITING = 4 * MESSAGE_LIMIT;
/** Milliseconds before a socket on which nobody listens is taken for one left by a killed process. */
const NEWBORN = 10_000;

/**
 * Letters between daemons that share one folder: each listens on a Unix socket there. Where the file system has no
 * sockets a daemon hears only itself; so does the only one there is.
 */
export class SocketTransport implements Transport {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #lines = new Map<string, Promise<Socket | undefined>>();
  #arrivals: Receiver | undefined;
  #server: Server | undefined;
  /** How the folder is called where its own name is too long for a socket. */
  #place: string;
  #alias: string | undefined;
  #closed = false;

  constructor(options: { path: string; clock: Clock }) {
    this.#folder = resolve(options.path, FOLDER);
    this.#place = this.#folder;
    this.#clock = options.clock;
  }

  async start(arrivals: Receiver): Promise<void> {
    this.#arrivals = arrivals;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#shorten(arrivals.self);
      this.#server = await this.#listen(this.#pathOf(arrivals.self));
    } catch {
      this.#server = undefined;
    }
  }

  async send(to: string, letter: string): Promise<boolean> {
    const socket = await this.#lineTo(to);
    if (!socket) return false;
    if (socket.writableLength > MAX_WAITING) throw new StoreUnreachable(`the replica ${to} does not read`);
    socket.write(encodeText(letter));
    return true;
  }

  sendToAll(letter: string): void {
    for (const name of this.#others()) this.send(name, letter).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const server = this.#server;
    // What was written last is on its way; whoever does not read it is not waited for.
    for (const socket of this.#sockets) socket.destroySoon();
    if (server) await new Promise<void>((closed) => server.close(() => closed()));
    if (this.#alias !== undefined) await rm(this.#alias, { recursive: true, force: true });
  }

  /** Names of sockets are cut off silently by some systems, and refused by others: a link stands in for a long one. */
  async #shorten(self: string): Promise<void> {
    if (Buffer.byteLength(this.#pathOf(self)) <= MAX_PATH) return;
    this.#alias = await mkdtemp(join(tmpdir(), 'compositord-'));
    this.#place = join(this.#alias, FOLDER);
    await symlink(this.#folder, this.#place);
  }

  async #listen(path: string): Promise<Server> {
    const server = createServer((socket) => this.#receive(socket));
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(path, () => listening());
    });
    server.on('error', () => undefined);
    server.unref();
    return server;
  }

  #receive(socket: Socket): void {
    this.#keep(socket);
    const reader = new SocketDecoder(ENVELOPE_LIMIT);
    socket.on('data', (chunk) => {
      try {
        for (const letter of reader.take(chunk)) this.#arrivals?.receive(letter);
      } catch {
        socket.destroy();
      }
    });
  }

  /** The open connection to `name`; undefined when nobody listens there. */
  #lineTo(name: string): Promise<Socket | undefined> {
    const open = this.#lines.get(name);
    if (open) return open;
    const line = this.#call(name);
    this.#lines.set(name, line);
    const forget = () => {
      if (this.#lines.get(name) === line) this.#lines.delete(name);
    };
    line.then((socket) => (socket ? socket.once('close', forget) : forget()), forget);
    return line;
  }

  async #call(name: string): Promise<Socket | undefined> {
    if (this.#closed || !NAME.test(name)) return undefined;
    const path = this.#pathOf(name);
    const socket = createConnection(path);
    this.#keep(socket);
    try {
      await new Promise<void>((connected, failed) => {
        socket.once('connect', connected);
        socket.once('error', failed);
        socket.once('close', () => failed(new Error('closed')));
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ECONNREFUSED') await this.#bury(path);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined;
      throw new StoreUnreachable(`the replica ${name} cannot be reached`, { cause: error });
    }
    socket.resume();
    socket.once('close', () => {
      if (!this.#closed) this.#arrivals?.disconnected(name);
    });
    return socket;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Removes the socket of a process that was killed; never one whose process is just about to listen. */
  async #bury(path: string): Promise<void> {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (this.#clock.now() - mtimeMs > NEWBORN) await unlink(path).catch(() => undefined);
  }

  #others(): string[] {
    if (!this.#server || this.#closed) return [];
    try {
      return readdirSync(this.#folder)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
        .filter((name) => name !== this.#arrivals?.self);
    } catch {
      return [];
    }
  }

  #pathOf(name: string): string {
    return join(this.#place, `${name}${ENDING}`);
  }
}
