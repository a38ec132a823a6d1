import type { Settings } from '../config/config.ts';

/** Why the daemon did not start, in one line for its operator; undefined when it is a bug, whose stack is wanted. */
export function startTrouble(error: unknown, { listen, legacySocket }: Settings): string | undefined {
  if (!(error instanceof Error) || isBug(error)) return undefined;
  const { code, syscall, message, port } = error as NodeJS.ErrnoException & { port?: number };
  const tried = legacySocket && legacySocket.port === port ? legacySocket : listen;
  const { host } = tried;
  const where = `${host}:${tried.port}`;
  const flag = tried === listen ? '--listen' : '--legacy-socket';
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    switch (code) {
      case 'EADDRINUSE':
        return `another program listens on ${where} already; stop it, or choose another address with ${flag}`;
      case 'EACCES':
        return `not allowed to listen on ${where}; ports below 1024 need the right to, choose another with ${flag}`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return `this machine has no address ${host} to listen on; choose another with ${flag}`;
      default:
        return `cannot listen on ${where}: ${code ?? message}`;
    }
  }
  return message.split('\n', 1)[0];
}

function isBug(error: Error): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
}
