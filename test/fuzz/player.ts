import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FuzzCase } from './cases.ts';
import { encoded } from './framing.ts';
import { ReplyReader } from './reply-reader.ts';
import { ENDLESS } from './requests.ts';
import { GENERATION, HEAD_CURSOR, OLD_CURSOR } from './known-values.ts';

/** What came of a case. */
export interface Outcome {
  readonly reader: ReplyReader;
  /** How many of the requests were sent to their last byte. */
  readonly sent: number;
  /** The daemon ended the connection, rather than we. */
  readonly endedByDaemon: boolean;
  /** The connection was reset before all was read. */
  readonly reset: boolean;
  /** Nothing more came for {@link CEILING} ms, and an answer was due. */
  readonly late: boolean;
}

/** Milliseconds within which an answer must come: generous, since a busy machine is slow. */
const CEILING = 30_000;
/** Milliseconds for which a stream or a long poll is followed before we leave it. */
const FOLLOWED = 150;

/** Sends cases to a daemon, and remembers what its replies say so that later requests can name it. */
export class Player {
  readonly #port: number;
  readonly #values = new Map([
    [HEAD_CURSOR, '0-00000000'],
    [OLD_CURSOR, '0-00000000'],
    [GENERATION, 'none'],
  ]);

  constructor(port: number) {
    this.#port = port;
  }

  async play(fuzzCase: FuzzCase): Promise<Outcome> {
    const { requests, delivery } = fuzzCase;
    const reader = new ReplyReader(requests.map(({ method }) => method));
    const socket = connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true });
    const link = new Link(socket, reader);
    const parts = requests.map((request) => encoded(request, this.#values));
    await link.opened;
    let sent = parts.length;
    // Whether the answers are ours to wait for: not when we cut the connection off.
    let awaited = true;
    switch (delivery.how) {
      case 'whole':
        socket.write(Buffer.concat(parts));
        break;
      case 'in-turn':
        sent = await this.#inTurn(link, fuzzCase, parts);
        break;
      case 'unread':
        socket.pause();
        socket.write(Buffer.concat(parts));
        await sleep(delivery.ms);
        socket.resume();
        break;
      case 'pieces':
        await inPieces(link, Buffer.concat(parts), delivery.at, delivery.ms);
        break;
      case 'bytewise':
        await bytewise(link, Buffer.concat(parts), delivery.count);
        break;
      case 'half-closed':
        socket.end(Buffer.concat(parts));
        break;
      case 'cut': {
        const bytes = Buffer.concat(parts);
        socket.write(bytes.subarray(0, Math.floor(bytes.length * delivery.at)));
        await Promise.race([sleep(delivery.ms), link.ended]);
        awaited = false;
        sent = 0;
        if (delivery.end === 'reset') socket.resetAndDestroy();
        else if (delivery.end === 'close') socket.destroy();
        else socket.end();
      }
    }
    const patient = awaited && requests.every((each) => !ENDLESS.has(each.operation) && each.wellFormed);
    const done = () => reader.replies.length >= sent;
    const late = await link.settled(done, patient ? CEILING : FOLLOWED);
    const { endedByDaemon, reset } = link;
    socket.destroy();
    await link.closed;
    reader.end();
    this.#learn(reader);
    return { reader, sent, endedByDaemon, reset, late: late && patient && !reset };
  }

  /** How many were sent: after an endless answer no other can come. */
  async #inTurn(link: Link, { requests }: FuzzCase, parts: Buffer[]): Promise<number> {
    for (const [i, part] of parts.entries()) {
      link.socket.write(part);
      const { operation, wellFormed } = requests[i]!;
      const patient = wellFormed && !ENDLESS.has(operation);
      await link.settled(() => link.reader.replies.length > i, patient ? CEILING : FOLLOWED);
      if (link.reader.replies.length <= i) return i + 1;
    }
    return parts.length;
  }

  #learn({ replies }: ReplyReader): void {
    const last = replies.at(-1);
    const cursor = last?.headers.get('manifest-cursor');
    if (cursor !== undefined && cursor !== this.#values.get(HEAD_CURSOR)) {
      this.#values.set(OLD_CURSOR, this.#values.get(HEAD_CURSOR)!);
      this.#values.set(HEAD_CURSOR, cursor);
    }
    const generation = /"generation":"([^"]+)"/.exec(last?.body.subarray(0, 4096).toString() ?? '')?.[1];
    if (generation !== undefined) this.#values.set(GENERATION, generation);
  }
}

/** A connection of ours. */
class Link {
  readonly socket: Socket;
  readonly reader: ReplyReader;
  readonly opened: Promise<unknown>;
  /** The daemon sends no more. */
  readonly ended: Promise<void>;
  readonly closed: Promise<void>;
  endedByDaemon = false;
  reset = false;
  #changed: () => void = () => undefined;

  constructor(socket: Socket, reader: ReplyReader) {
    this.socket = socket;
    this.reader = reader;
    this.opened = once(socket, 'connect');
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.endedByDaemon = true;
        resolve();
        this.#changed();
      };
      socket.on('end', end);
      socket.on('error', () => {
        this.reset = true;
        end();
      });
    });
    this.closed = new Promise((resolve) => void socket.once('close', () => resolve()));
    socket.on('data', (chunk) => {
      reader.push(chunk);
      this.#changed();
    });
  }

  /** Waits until the connection has ended or `holds`; resolves to true when nothing came for `ms`. */
  async settled(holds: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (late: boolean) => {
        clearTimeout(timer);
        this.#changed = () => undefined;
        resolve(late);
      };
      const timer = setTimeout(() => settle(true), ms);
      const check = () => {
        if (this.endedByDaemon || holds()) settle(false);
        else timer.refresh();
      };
      this.#changed = check;
      check();
    });
  }
}

async function inPieces(link: Link, bytes: Buffer, at: readonly number[], ms: number): Promise<void> {
  const places = [...at.map((each) => Math.floor(each * bytes.length)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of places) {
    if (link.endedByDaemon) return;
    link.socket.write(bytes.subarray(from, to));
    from = to;
    await sleep(ms);
  }
}

async function bytewise(link: Link, bytes: Buffer, count: number): Promise<void> {
  link.socket.setNoDelay(true);
  for (let i = 0; i < Math.min(count, bytes.length) && !link.endedByDaemon; i++) {
    link.socket.write(bytes.subarray(i, i + 1));
    await sleep(1);
  }
  link.socket.write(bytes.subarray(count));
}
