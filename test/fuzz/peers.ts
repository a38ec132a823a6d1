import { send } from '../support/http-client.ts';
import type { Owner } from '../support/program.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';

/** Of our own requests: a connection that stays open would count as one that the daemon did not give back. */
export const ONCE = { Connection: 'close' };

/** Compositors that answer, so that commands and forwarded requests reach something. */
export class Peers {
  readonly #http: HttpPeer;
  readonly #ws: WsPeer;

  private constructor(http: HttpPeer, ws: WsPeer) {
    this.#http = http;
    this.#ws = ws;
  }

  static async start(t: Owner): Promise<Peers> {
    const http = await HttpPeer.start(t);
    http.onRequest = (request, response) => {
      request.resume();
      const { url = '' } = request;
      const status = /\/status\/(\d+)/.exec(url)?.[1];
      if (url.startsWith('/cut')) request.socket.destroy();
      else if (status !== undefined) response.writeHead(Number(status)).end();
      else response.end('x'.repeat(url.startsWith('/large') ? 300_000 : 3));
    };
    return new Peers(http, await WsPeer.start(t));
  }

  /** Registers them: others take their ids over, and remove them. */
  async register(url: string): Promise<void> {
    for (const [id, protocol, port] of [
      ['http-peer', 'http', this.#http.port],
      ['ws-peer', 'ws', this.#ws.port],
    ]) {
      const body = { name: id, protocol, port, address: '127.0.0.1', ttl: 3600 };
      const reply = await send('PUT', `${url}/compositors/${id}`, body, ONCE);
      // On a busy disk it may be late; the next time serves as well.
      if (![200, 201, 503].includes(reply.status))
        throw new Error(`${id} was not registered: ${JSON.stringify(reply.body)}`);
    }
  }
}
