import { EventEmitter, once } from 'node:events';
import { noise } from '@chainsafe/libp2p-noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { FrameReader, frameOf } from '../../../src/adapters/connectors/libp2p/length-prefix.ts';
import type { Target } from '../../../src/domain/connector.ts';
import { freePort } from '../free-port.ts';
import type { Command } from './http-peer.ts';
import type { Message } from './ws-talk.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

type Stream = Parameters<Parameters<Libp2p['handle']>[1]>[0];

const PROTOCOL = '/geoos/compositor/1.0.0';
const PING = '/ipfs/ping/1.0.0';

export interface Libp2pPeerOptions {
  /** Speaks this one instead. */
  readonly protocol?: string;
  /** False: it knows no ping, as peers may. */
  readonly ping?: boolean;
}

/** A compositor that speaks libp2p; answers commands, and everything it hears is kept. Needs Node 22. */
export class Libp2pPeer {
  readonly target: Target;
  readonly port: number;
  /** The answer to a command; what it throws is told as its failure. */
  onCommand: (command: Command) => unknown = ({ command, params }) => ({ ran: command, params });
  /** Takes every message instead, as it came. */
  onText: ((text: string) => void) | undefined;
  /** Sent as a `status` to whoever connects; undefined is nothing. */
  info: unknown = { name: 'a peer', fps: 60 };
  /** Every message heard, but commands. */
  readonly heard: Message[] = [];
  readonly commands: Command[] = [];
  /** How many connections were made to it so far. */
  connections = 0;
  /** Every stream of the protocol that was opened to it so far. */
  readonly streams: Stream[] = [];
  readonly #options: Libp2pPeerOptions;
  readonly #events = new EventEmitter();
  readonly #outbox: Uint8Array[] = [];
  #silent = false;
  #node: Libp2p | undefined;

  private constructor(options: Libp2pPeerOptions, port: number) {
    this.#options = options;
    this.port = port;
    this.target = { id: 'peer', protocol: 'libp2p', address: this.place };
    this.#events.setMaxListeners(0);
  }

  static async start(t: Owner, options: Libp2pPeerOptions = {}): Promise<Libp2pPeer> {
    const peer = new Libp2pPeer(options, await freePort());
    await peer.listen();
    t.teardown(() => peer.stop());
    return peer;
  }

  /** Its multiaddr, without who it is. */
  get place(): string {
    return `/ip4/127.0.0.1/tcp/${this.port}`;
  }

  /** Its peer id; another after each `listen`. */
  get name(): string {
    return this.#node!.peerId.toString();
  }

  /** Connections that are open. */
  get open(): number {
    return this.#node?.getConnections().length ?? 0;
  }

  /** Bytes that it could not get rid of. */
  get unread(): number {
    return this.stream.writeBufferLength;
  }

  /** The newest stream. */
  get stream(): Stream {
    return this.streams.at(-1)!;
  }

  targetAt(host: string): Target {
    return { ...this.target, address: `/dns4/${host}/tcp/${this.port}` };
  }

  /** Again, at the same port. */
  async listen(): Promise<void> {
    const node = await createLibp2p({
      addresses: { listen: [this.place] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
    });
    node.addEventListener('connection:open', () => {
      this.connections += 1;
    });
    await node.handle(this.#options.protocol ?? PROTOCOL, (stream) => this.#accept(stream));
    if (this.#options.ping !== false)
      await node.handle(PING, (stream) =>
        stream.addEventListener('message', ({ data }) => !this.#silent && stream.send(data)),
      );
    this.#node = node;
  }

  /** As when its process dies. */
  async stop(): Promise<void> {
    const node = this.#node;
    this.#node = undefined;
    for (const connection of node?.getConnections() ?? []) connection.abort(new Error('gone'));
    await node?.stop();
  }

  silence(): void {
    this.#silent = true;
  }

  say(...messages: unknown[]): void {
    this.write(...messages.map((message) => frameOf(JSON.stringify(message))));
  }

  sayGarbage(): void {
    this.write(frameOf('\u0000not JSON'), frameOf('[]'));
  }

  /** What is written in one turn goes out in one piece: each piece is encrypted by itself, and floods would take minutes. */
  write(...pieces: Uint8Array[]): void {
    if (this.#outbox.push(...pieces) > pieces.length) return;
    queueMicrotask(() => {
      const all = Buffer.concat(this.#outbox.splice(0));
      if (this.stream.status === 'open') this.stream.send(all);
    });
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

  /** Resolves when `holds`, asked at each message and at each beginning and end of a stream. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, 'change');
  }

  #accept(stream: Stream): void {
    const reader = new FrameReader();
    this.streams.push(stream);
    stream.addEventListener('message', ({ data }) => {
      reader.push(data.subarray());
      for (let text = reader.next(); text !== undefined; text = reader.next())
        if (this.onText) this.onText(text);
        else void this.#take(JSON.parse(text) as Message);
    });
    stream.addEventListener('close', () => this.#events.emit('change'));
    if (this.info && !this.#silent) this.say({ type: 'status', ...(this.info as Message) });
    this.#events.emit('change');
  }

  async #take(message: Message): Promise<void> {
    if (message['type'] === 'command') await this.#run(message as unknown as Command);
    else this.heard.push(message);
    this.#events.emit('change');
  }

  async #run({ id, command, params }: Command): Promise<void> {
    this.commands.push({ id, command, params });
    this.#events.emit('change');
    if (this.#silent) return;
    const reply = { type: 'reply', id };
    try {
      this.say({ ...reply, ok: true, body: (await this.onCommand({ id, command, params })) ?? null });
    } catch (error) {
      this.say({ ...reply, ok: false, error: (error as Error).message });
    }
  }
}
