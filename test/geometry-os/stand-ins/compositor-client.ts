import { once } from 'node:events';
import type { Test } from 'tap';
import { WebSocket } from 'ws';

/** `compositor_client.js` as far as the network is concerned: it answers each heartbeat with one of its own, in whole seconds. */
export class CompositorClient {
  readonly cameras: unknown[] = [];
  readonly tiles: { x: number; y: number; brick: string; timestamp: number }[] = [];
  readonly unknown: string[] = [];
  heartbeats = 0;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) =>
      this.#hear(JSON.parse((data as Buffer).toString()) as Record<string, unknown>),
    );
    socket.on('error', () => undefined);
  }

  static async connect(t: Test, url: string): Promise<CompositorClient> {
    const socket = new WebSocket(url);
    t.teardown(() => socket.terminate());
    const client = new CompositorClient(socket);
    await once(socket, 'open');
    return client;
  }

  get connected(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  sendHeartbeat(): void {
    this.#socket.send(JSON.stringify({ type: 'heartbeat', timestamp: Math.floor(Date.now() / 1000) }));
  }

  #hear(message: Record<string, unknown>): void {
    switch (message['type']) {
      case 'camera_update': {
        const { x, y, zoom, target_x, target_y, target_zoom, timestamp } = message;
        this.cameras.push({
          x,
          y,
          zoom,
          targetX: target_x,
          targetY: target_y,
          targetZoom: target_zoom,
          timestamp,
        });
        break;
      }
      case 'tile_update': {
        const { x, y, brick, timestamp } = message as unknown as CompositorClient['tiles'][number];
        this.tiles.push({ x, y, brick, timestamp });
        break;
      }
      case 'heartbeat':
        this.heartbeats += 1;
        this.sendHeartbeat();
        break;
      default:
        this.unknown.push(String(message['type']));
    }
  }
}
