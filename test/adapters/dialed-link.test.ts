// A link that the compositor opens is the same link: what every connector must do whose peer may speak unasked.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocketServer, type WebSocket } from 'ws';
import type { DialInTarget } from '../contract/connector-world.ts';
import { talkingContract } from '../contract/talking-connector.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';

/** A peer that dials in at a server of its own, which stands for the daemon's. */
class ContractDialingPeer extends DialingPeer {
  readonly target: DialInTarget;
  listen = async (): Promise<void> => undefined;
  stop = async (): Promise<void> => this.socket.terminate();

  private constructor(t: Test, dialIn: DialInTarget['dialIn']) {
    super(t);
    this.target = { id: 'peer', protocol: 'ws', address: '127.0.0.1', dialIn };
  }

  static async start(t: Test): Promise<ContractDialingPeer> {
    const server = createServer();
    const accepted: { webSocket: WebSocket; raw: Socket }[] = [];
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    server.on('upgrade', (request: IncomingMessage, raw: Socket, head) => {
      sockets.handleUpgrade(request, raw, head, (webSocket) => {
        webSocket.pause();
        accepted.push({ webSocket, raw });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const peer: ContractDialingPeer = new ContractDialingPeer(t, async () => {
      await peer.dial(`http://127.0.0.1:${port}/`);
      return accepted.pop()!;
    });
    return peer;
  }
}

talkingContract(t, 'dialed link', (t) => ContractDialingPeer.start(t));
