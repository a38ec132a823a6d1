import { EventEmitter, once } from 'node:events';
import type { WebSocket } from 'ws';
import type { Command } from './http-peer.ts';

export type Message = Readonly<Record<string, unknown>>;

/** The side of a compositor on its WebSockets, whoever opened them: answers commands, and keeps everything that it hears. */
export class WsTalk {
  /** The answer to a command; what it throws is told as its failure. */
  onCommand: (command: Command) => unknown = ({ command, params }) => ({ ran: command, params });
  /** It hears, and answers nothing. */
  isSilent = false;
  /** Sent as a `status` when a socket opens; undefined is nothing. */
  info: unknown = { name: 'a peer', fps: 60 };
  /** Every message heard, but commands. */
  readonly heard: Message[] = [];
  readonly commands: Command[] = [];
  /** Those that are open. */
  readonly sockets = new Set<WebSocket>();
  /** How many were opened so far. */
  connections = 0;
  readonly #events = new EventEmitter();

  constructor() {
    this.#events.setMaxListeners(0);
  }

  silence(): void {
    this.isSilent = true;
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

  /** Talks on a socket that is open. */
  talk(ws: WebSocket): void {
    this.connections += 1;
    this.sockets.add(ws);
    ws.on('error', () => undefined);
    ws.on('close', () => {
      this.sockets.delete(ws);
      this.#events.emit('change');
    });
    ws.on('ping', (data: Buffer) => {
      if (!this.isSilent) ws.pong(data);
    });
    ws.on('message', (data: Buffer) => void this.#take(ws, JSON.parse(data.toString()) as Message));
    if (this.info && !this.isSilent) ws.send(JSON.stringify({ type: 'status', ...(this.info as Message) }));
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
    if (this.isSilent) return;
    const reply = { type: 'reply', id };
    try {
      const body = (await this.onCommand({ id, command, params })) ?? null;
      ws.send(JSON.stringify({ ...reply, ok: true, body }));
    } catch (error) {
      ws.send(JSON.stringify({ ...reply, ok: false, error: (error as Error).message }));
    }
  }
}
