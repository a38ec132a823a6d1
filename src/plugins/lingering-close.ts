import type { Socket } from 'node:net';

/** Milliseconds that a client has to read its replies and to close its side. */
const LINGER = 2000;

/**
 * Ends a connection on which the client may still be sending: nothing more is written, and what comes is read and dropped until the client
 * closes, too. Closed at once, the kernel would answer what comes with a reset, which takes the replies along that the
 * client has not read yet (RFC 9112, 9.6).
 */
export function closeGently(socket: Socket): void {
  const destroy = () => void socket.destroy();
  const timer = setTimeout(destroy, LINGER).unref();
  socket.once('close', () => clearTimeout(timer)).once('end', destroy);
  socket.end();
  socket.resume();
}
