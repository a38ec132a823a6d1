import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** A second port, for WebSockets alone: the setting `legacySocket`. */
export class SocketListener {
  readonly server: Server;

  constructor() {
    this.server = createServer((_request, response) => {
      response.writeHead(426, {
        Connection: 'Upgrade, close',
        Upgrade: 'websocket',
        'Content-Type': 'text/plain',
      });
      response.end('Only WebSockets here.\n');
    });
    // As in createHttpServer.
    this.server.maxHeadersCount = 0;
  }

  async listen(address: { host: string; port: number; backlog: number }): Promise<void> {
    this.server.listen({ ...address });
    await once(this.server, 'listening');
  }

  /** Takes no more connections, and cuts those that are not WebSockets. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
