import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

interface SocketListenOptions {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly mayBeTaken?: true;
}

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

  /** Throws when it cannot listen there; with `mayBeTaken` it returns why instead. */
  async listen({ mayBeTaken, ...address }: SocketListenOptions): Promise<Error | undefined> {
    this.server.listen(address);
    try {
      await once(this.server, 'listening');
      return undefined;
    } catch (error) {
      if (mayBeTaken) return error as Error;
      throw error;
    }
  }

  /** Takes no more connections, and cuts those that are not WebSockets. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
