import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SseParser, type SseItem } from './sse-parser.ts';

export interface EventStreamOptions {
  readonly url: string;
  readonly lastEventId?: string | undefined;
  /** With `Accept-Encoding: gzip` the stream may come compressed: it is decompressed here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the stream in whatever state it is, also while it waits for its head. */
  readonly signal?: AbortSignal;
}

/** How a stream ended: well-formed, cut off, by compressed data that cannot be read, or closed by this side. */
export type Ending = 'end' | 'cut' | 'garbled' | 'closed';

/** Opens a stream; resolves when its head has come, whatever the status. Rejects when no answer comes. */
export async function openStream(options: EventStreamOptions): Promise<EventStream> {
  // An agent of its own: a kept-alive socket of an earlier request may be dead already.
  const secure = options.url.startsWith('https:');
  const agent = secure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = {
        Accept: 'text/event-stream',
        'Cache-Control': 'no-store',
        ...(options.lastEventId !== undefined && { 'Last-Event-ID': options.lastEventId }),
        ...options.headers,
      };
      const { signal } = options;
      (secure ? secureRequest : request)(options.url, { agent, headers, ...(signal && { signal }) })
        .on('response', resolve)
        .on('error', reject)
        .end();
    });
    return new EventStream(response, agent);
  } catch (error) {
    agent.destroy();
    throw error;
  }
}

/** One open stream: iterate it for its events and comments. Iteration never throws; see `ending`. */
export class EventStream {
  readonly #response: IncomingMessage;
  readonly #parser = new SseParser();
  readonly #agent: Agent;
  #ending: Ending | undefined;
  #gate: Gate | undefined;

  constructor(response: IncomingMessage, agent: Agent) {
    this.#response = response;
    this.#agent = agent;
    // A cut shows in the iteration; without a listener it would end the process.
    response.on('error', () => undefined);
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.#response.headers;
  }

  /** The beginning of a body that is no stream, such as a problem or a page; as much as comes. */
  async text(limit = 16_384): Promise<string> {
    let text = '';
    try {
      for await (const chunk of decoded(this.#response)) {
        text += chunk.toString('utf8');
        if (text.length >= limit) break;
      }
    } catch {
      // It was cut: what came of it is better than nothing.
    }
    return text.slice(0, limit);
  }

  /** Undefined while the stream is open. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Reads no more: the kernel's buffers fill, and then the server's. */
  pause(): void {
    this.#gate ??= new Gate();
  }

  resume(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  destroy(): void {
    this.#ending ??= 'closed';
    this.resume();
    this.#response.destroy();
    this.#agent.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SseItem, void, undefined> {
    try {
      for await (const chunk of decoded(this.#response)) {
        if (this.#gate) await this.#gate.opened;
        if (this.#ending) return;
        for (const item of this.#parser.push(chunk)) {
          yield item;
          if (this.ending) return;
        }
      }
      this.#ending ??= this.#response.complete ? 'end' : 'cut';
    } catch (error) {
      this.#ending ??= (error as NodeJS.ErrnoException).code === 'Z_DATA_ERROR' ? 'garbled' : 'cut';
    } finally {
      this.destroy();
    }
  }
}

/** The events, decompressed as they come. Fails when compressed data is broken, or ends before its end. */
function decoded(response: IncomingMessage): AsyncIterable<Buffer> {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  return pipeline(response, createGunzip(), () => undefined);
}

/** A paused reader waits for it to open. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}
