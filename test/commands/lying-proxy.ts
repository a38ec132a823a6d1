import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
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
}

/** Stands between a client and the daemon at `target`, and lies; its URL. Gone when `t` ends. */
export async function startLyingProxy(t: Owner, target: string, lie: Lie): Promise<string> {
  const port = await freePort();
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, target, lie).catch(() => outgoing.destroy());
  });
  server.listen(port, '127.0.0.1');
  t.teardown(() => {
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
  // It must read the frames in which it lies.
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
    outgoing.writeHead(from.statusCode ?? 0, withoutFraming(from.headers));
    const change = lie.frames?.(asked) ?? ((frame: string) => [frame]);
    let rest = '';
    for await (const chunk of from.setEncoding('utf8') as AsyncIterable<string>) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop() ?? '';
      const sent = frames.flatMap((frame) => change(frame));
      if (sent.length > 0) outgoing.write(sent.map((frame) => `${frame}\n\n`).join(''));
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
