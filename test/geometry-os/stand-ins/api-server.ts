import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '../../support/free-port.ts';
import { encodePng } from '../../../src/services/bricks/png.ts';

interface Owner {
  teardown(run: () => unknown): void;
}

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** `api_server.rs` with its routes: an HTTP API of its own, and none for commands. */
export class ApiServer {
  readonly port: number;
  /** All but the reads. */
  readonly calls: ApiCall[] = [];
  readonly #server: Server;

  private constructor(port: number) {
    this.port = port;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(t: Owner): Promise<ApiServer> {
    const server = new ApiServer(await freePort());
    server.#server.listen(server.port, '127.0.0.1');
    await once(server.#server, 'listening');
    t.teardown(() => server.#stop());
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const path = url.split('?', 1)[0]!;
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (method === 'GET') {
      if (path === '/health') json(200, { status: 'ok', backend: 'infinite_map_rs' });
      else if (path === '/api/scan')
        json(200, { poi: [{ x: 1200, y: 0, brick: 'Alpine_VM', is_focused: true }] });
      else if (path.startsWith('/builder/queue/')) {
        const png = await encodePng(new Uint8Array(4 * 4 * 4).fill(128), 4);
        response
          .writeHead(200, { 'content-type': 'image/png', 'cache-control': 'public, max-age=3600' })
          .end(png);
      } else json(404, {});
      return;
    }
    let text = '';
    for await (const piece of request) text += String(piece);
    const known =
      /^POST \/api\/(?:transmute|load-file|self-write|synapse\/(?:register|signal)|evolution\/genome|terminal\/(?:spawn|[^/]+\/resize))$/.test(
        `${method} ${path}`,
      ) || /^DELETE \/api\/terminal\/[^/]+$/.test(`${method} ${path}`);
    if (!known) return void json(404, {});
    this.calls.push({ method, path, body: text === '' ? undefined : JSON.parse(text) });
    json(200, { success: true, message: 'done' });
  }

  async #stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
