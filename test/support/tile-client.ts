import { once } from 'node:events';
import type { Test } from 'tap';
import { WebSocket, type ClientOptions } from 'ws';

export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A WebSocket client that keeps what it hears. */
export class TileClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  /** The same, as they came. */
  readonly texts: string[] = [];
  /** The last brick of each cell, as an InfiniteMap would show it. */
  readonly shown: Record<string, string> = {};
  readonly #looks = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      const message = JSON.parse(text) as Message;
      this.texts.push(text);
      this.messages.push(message);
      const { type, x, y, brick } = message;
      if (type === 'tile_update') this.shown[`${String(x)},${String(y)}`] = String(brick);
      for (const look of [...this.#looks]) look();
    });
    socket.on('error', () => undefined);
  }

  /** Resolves when it is open. */
  static async open(t: Test, url: string, options: ClientOptions = {}): Promise<TileClient> {
    const socket = new WebSocket(url, options);
    t.teardown(() => socket.terminate());
    const client = new TileClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** The status with which an upgrade is refused. */
  static async refusal(url: string, options: ClientOptions = {}): Promise<{ status: number; body: string }> {
    const socket = new WebSocket(url, options);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      NodeJS.ReadableStream & { statusCode: number },
    ];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode, body };
  }

  of(type: string): Message[] {
    return this.messages.filter((message) => message.type === type);
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves when `holds`, asked again after each message; rejects after `ceilingMs`. */
  async until(holds: (client: TileClient) => boolean, what: string, ceilingMs = 20_000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not within ${ceilingMs} ms: ${what}`)), ceilingMs);
      const look = () => {
        if (!holds(this)) return;
        clearTimeout(late);
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }
}
