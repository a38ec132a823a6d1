import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../support/free-port.ts';
import type { Owner } from '../support/program.ts';

export interface Asked {
  readonly method: string;
  /** With its query. */
  path: string;
  readonly headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Replied {
  status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What stands between verify and a daemon does wrong; what is left out passes unchanged. */
export interface Lie {
  /** May change the request; a reply means that the daemon is never asked. */
  readonly ask?: (asked: Asked) => Replied | undefined | Promise<Replied | undefined>;
  /** May change the reply of anything but a stream. */
  readonly reply?: (asked: Asked, replied: Replied) => void | Promise<void>;
  /** The frames to send in place of `frame` (its lines, without the empty one at its end). A function a stream. */
  readonly frames?: (asked: Asked) => (frame: string) => readonly string[];
  /** The bytes to send in place of `bytes`, those of a frame of a compressed stream. A function a stream. */
  readonly compressed?: () => (bytes: Buffer) => readonly Buffer[];
  /** The message to send in place of `text`, one of a link; undefined: none. `from` sent it. */
  readonly message?: (from: 'daemon' | 'compositor', text: string) => string | undefined;
  /** How a frame of a compressed stream is ended; by default so that it can be read at once. */
  readonly flush?: number;
}

/** Stands between a client and the daemon at `target`, and lies; its URL. Gone when `t` ends. */
export async function startLyingProxy(t: Owner, target: string, lie: Lie): Promise<string> {
  const port = await freePort();
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, target, lie).catch(() => outgoing.destroy());
  });
  const links = new WebSocketServer({ noServer: true });
  server.on('upgrade', (incoming, socket, head) => {
    void passLink(incoming, {
      target,
      lie,
      socket,
      accept: (take) => links.handleUpgrade(incoming, socket, head, take),
    });
  });
  server.listen(port, '127.0.0.1');
  t.teardown(() => {
    for (const link of links.clients) link.terminate();
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${port}`;
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  lie: Lie,
): Promise<void> {
  // It must read what it lies about.
  const headers = { ...incoming.headers, host: new URL(target).host, 'accept-encoding': 'identity' };
  const asked: Asked = {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers,
    body: await textOf(incoming),
  };
  const made = await lie.ask?.(asked);
  if (made) {
    answer(outgoing, made);
    return;
  }
  // A lie may have changed its length, or taken a header away.
  const sent = Object.entries(asked.headers).filter(
    ([name, value]) => name !== 'content-length' && value !== undefined,
  );
  const from = await new Promise<IncomingMessage>((resolve, reject) => {
    const out = request(target + asked.path, {
      method: asked.method,
      headers: Object.fromEntries(sent),
      agent: false,
    });
    // A stream that its reader leaves is left here, too.
    outgoing.on('close', () => out.destroy());
    out.on('response', resolve).on('error', reject).end(asked.body);
  });
  if (/^text\/event-stream/.test(from.headers['content-type'] ?? '')) {
    const gzip = (incoming.headers['accept-encoding'] ?? '').includes('gzip');
    const send = gzip ? compressing(outgoing, lie) : (text: string) => void outgoing.write(text);
    outgoing.writeHead(from.statusCode ?? 0, {
      ...withoutFraming(from.headers),
      ...(gzip && { 'content-encoding': 'gzip' }),
    });
    const change = lie.frames?.(asked) ?? ((frame: string) => [frame]);
    let rest = '';
    for await (const chunk of from.setEncoding('utf8') as AsyncIterable<string>) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames.flatMap((each) => change(each))) await send(`${frame}\n\n`);
    }
    outgoing.end();
    return;
  }
  const replied: Replied = {
    status: from.statusCode ?? 0,
    headers: withoutFraming(from.headers),
    body: await textOf(from),
  };
  await lie.reply?.(asked, replied);
  answer(outgoing, replied);
}

/** Opens the link at the daemon first: what that answers, its client is answered. */
async function passLink(
  incoming: IncomingMessage,
  {
    target,
    lie,
    socket,
    accept,
  }: { target: string; lie: Lie; socket: Duplex; accept: (take: (client: WebSocket) => void) => void },
): Promise<void> {
  socket.on('error', () => undefined);
  const asked: Asked = {
    method: 'GET',
    path: incoming.url ?? '',
    headers: { ...incoming.headers },
    body: '',
  };
  const reject = ({ status, headers, body }: Replied) => {
    const type = String(headers['content-type'] ?? 'text/plain');
    socket.end(
      `HTTP/1.1 ${status} Rejected\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  };
  const made = await lie.ask?.(asked);
  if (made) return reject(made);
  const passed = ['authorization', 'lease-generation'];
  const headers = Object.fromEntries(
    Object.entries(asked.headers).filter(([name, value]) => passed.includes(name) && value !== undefined),
  );
  const daemon = new WebSocket(target.replace(/^http/, 'ws') + asked.path, { headers });
  daemon.on('error', () => socket.destroy());
  daemon.once('unexpected-response', (_request, response: IncomingMessage) => {
    void textOf(response).then((body) =>
      reject({ status: response.statusCode ?? 0, headers: response.headers, body }),
    );
  });
  daemon.once('open', () =>
    accept((client) => {
      const change = lie.message ?? ((_from: string, text: string) => text);
      const join = (from: 'daemon' | 'compositor', source: WebSocket, sink: WebSocket) => {
        source.on('message', (data: Buffer) => {
          const text = change(from, data.toString());
          if (text !== undefined && sink.readyState === WebSocket.OPEN) sink.send(text);
        });
        // 1005 and 1006 are never sent: nothing was said.
        source.on('close', (code) => (code === 1005 || code === 1006 ? sink.close() : sink.close(code)));
      };
      client.on('error', () => undefined);
      join('daemon', daemon, client);
      join('compositor', client, daemon);
    }),
  );
}

/** Sends a stream compressed, each frame so that it can be read at once, but for the lie. */
function compressing(outgoing: ServerResponse, lie: Lie): (text: string) => Promise<void> {
  const encoder = createGzip();
  const change = lie.compressed?.() ?? ((bytes: Buffer) => [bytes]);
  let made: Buffer[] = [];
  encoder.on('data', (bytes: Buffer) => made.push(bytes));
  return async (text) => {
    encoder.write(text);
    await new Promise<void>((flushed) => encoder.flush(lie.flush ?? constants.Z_SYNC_FLUSH, () => flushed()));
    const frame = Buffer.concat(made);
    made = [];
    for (const bytes of change(frame)) outgoing.write(bytes);
  };
}

function answer(outgoing: ServerResponse, { status, headers, body }: Replied): void {
  outgoing.writeHead(status, headers as Record<string, string>).end(body);
}

function withoutFraming(headers: IncomingMessage['headers']): Replied['headers'] {
  const framing = ['transfer-encoding', 'content-length', 'connection'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !framing.includes(name)));
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  return text;
}
