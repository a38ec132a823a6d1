import { once } from 'node:events';
import { WebSocketServer, type WebSocket } from 'ws';
import { freePort } from '../../support/free-port.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

/** `camera_update` as its struct has it: all of it must be there, and `timestamp` be a whole number. */
const CAMERA = ['x', 'y', 'zoom', 'target_x', 'target_y', 'target_zoom'];

/**
 * `camera_sync.rs` with its serde types: a server that reads heartbeats whose `timestamp` is a `u64`, drops every message that
 * does not fit, and forgets a client that sends no heartbeat.
 */
export class CameraSync {
  readonly port: number;
  /** How many fitting heartbeats came. */
  heartbeats = 0;
  /** What serde refuses. */
  readonly misfits: string[] = [];
  readonly #server: WebSocketServer;
  readonly #clients = new Set<WebSocket>();

  private constructor(port: number) {
    this.port = port;
    this.#server = new WebSocketServer({ host: '127.0.0.1', port });
    this.#server.on('connection', (socket) => {
      this.#clients.add(socket);
      socket.on('close', () => this.#clients.delete(socket));
      socket.on('error', () => undefined);
      socket.on('message', (data) => this.#hear((data as Buffer).toString()));
    });
  }

  static async start(t: Owner): Promise<CameraSync> {
    const sync = new CameraSync(await freePort());
    await once(sync.#server, 'listening');
    t.teardown(() => sync.#stop());
    return sync;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  broadcastCamera(x: number, y: number, zoom: number): void {
    const target = { target_x: x, target_y: y, target_zoom: zoom };
    this.#broadcast({ type: 'camera_update', x, y, zoom, ...target, timestamp: seconds() });
  }

  broadcastTile(x: number, y: number, brick: string, timestamp: number): void {
    this.#broadcast({ type: 'tile_update', x, y, brick, timestamp });
  }

  /** Any JSON object. */
  broadcast(message: object): void {
    this.#broadcast({ type: 'cognitive_update', ...message });
  }

  sendHeartbeats(): void {
    this.#broadcast({ type: 'heartbeat', timestamp: seconds() });
  }

  #broadcast(message: object): void {
    for (const client of this.#clients) client.send(JSON.stringify(message));
  }

  #hear(text: string): void {
    if (!fits(text)) this.misfits.push(text);
    else if ((JSON.parse(text) as { type: string }).type === 'heartbeat') this.heartbeats += 1;
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Whether serde makes a `SyncMessage` of it. */
function fits(text: string): boolean {
  const message = JSON.parse(text) as Record<string, unknown>;
  const isNumber = (name: string) => typeof message[name] === 'number';
  // A `u64`: no fraction and no exponent, also not `.0`.
  const isWhole = /"timestamp":[0-9]+[,}]/.test(text);
  switch (message['type']) {
    case 'camera_update':
      return CAMERA.every(isNumber) && isWhole;
    case 'tile_update':
      return ['x', 'y', 'timestamp'].every(isNumber) && typeof message['brick'] === 'string';
    case 'heartbeat':
      return isWhole;
    case 'cognitive_update':
      return true;
    default:
      return false;
  }
}
