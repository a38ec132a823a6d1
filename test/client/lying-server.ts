import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Test } from 'tap';
import { freePort } from '../support/free-port.ts';

type Answer = (reply: ServerResponse, request: IncomingMessage) => void;

/** A server that is no daemon: each request is answered by the next of `answers`, later ones by the last. What a repair reads is not there. */
export async function lyingServer(
  t: Test,
  answers: readonly Answer[],
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, reply) => {
    if (request.url!.includes('/manifest/digests')) {
      reply.writeHead(404).end();
      return;
    }
    requests.push(request);
    (answers[requests.length - 1] ?? answers.at(-1)!)(reply, request);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, requests };
}

/** Answers with a stream of `text`, which goes on in silence. */
export const stream =
  (text: string) =>
  (reply: ServerResponse): void =>
    void reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
