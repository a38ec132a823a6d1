import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Left out: without `Connection: upgrade` it is none. `Upgrade` stays for routes that answer otherwise where it is wanted. */
const OFFER = new Set(['connection', 'http2-settings']);

/**
 * Answers a request that offers an upgrade to something that is not spoken there, such as the h2c of Java's HttpClient, as if it
 * had not: as RFC 9110 wants it, and as Node does while nobody listens for upgrades. Node before 24.9 has let go of the
 * connection with the body unread, so it gets the request once more, without the offer. Every header must be there: without
 * the one that frames the body, the body would be a second request.
 */
export function answerWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!OFFER.has(rawHeaders[i]!.toLowerCase())) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  if (/\bclose\b/i.test(request.headers.connection ?? '')) lines.push('Connection: close');
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
