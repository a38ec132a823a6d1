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
  }

  async listen(address: { host: string; port: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ ...address }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Takes no more connections, and cuts those that are not WebSockets. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
