import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Test } from 'tap';
import { WebSocket, type ClientOptions } from 'ws';
import { WsTalk } from './ws-talk.ts';

/** A compositor that dials in: it opens its link, and then speaks as one does to which the daemon connects. */
export class DialingPeer extends WsTalk {
  readonly #t: Test;
  /** The codes and reasons with which its links have ended. */
  readonly ends: string[] = [];

  constructor(t: Test) {
    super();
    this.#t = t;
  }

  /** Resolves when it is open. Throws when it is refused, with the status and the kind of the problem. */
  async dial(url: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<WebSocket> {
    const { protocols = [], ...rest } = options;
    const ws = new WebSocket(url.replace(/^http/, 'ws'), protocols, { autoPong: false, ...rest });
    this.#t.teardown(() => ws.terminate());
    // Before it is open, so that nothing that comes with the answer to the handshake is missed.
    ws.once('open', () => this.talk(ws));
    ws.on('close', (code, reason) => this.ends.push(`${code} ${reason.toString()}`));
    const refused = once(ws, 'unexpected-response').then(async ([, response]) => {
      throw new Error(await refusalIn(response as IncomingMessage));
    });
    refused.catch(() => undefined);
    await Promise.race([once(ws, 'open'), refused]);
    return ws;
  }
}

async function refusalIn(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response) body += String(chunk);
  const { type } = JSON.parse(body) as { type: string };
  return `${response.statusCode} ${type.replace('/problems/', '')}`;
}
