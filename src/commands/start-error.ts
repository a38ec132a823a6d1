import type { Settings } from '../config/config.ts';
import { ProcessIdTaken } from '../domain/process-id-taken.ts';
import { CommandError } from './command.ts';

/** The error for the operator, in one line; a bug stays as it is, because its stack is needed, and so does what another process can mend. */
export function startError(error: unknown, { listen, legacySocket }: Settings): unknown {
  if (!(error instanceof Error) || isBug(error) || error instanceof ProcessIdTaken) return error;
  const { code, syscall, message, port } = error as NodeJS.ErrnoException & { port?: number };
  // A worker hears from the primary that it cannot `bind`.
  if (!['listen', 'bind', 'getaddrinfo'].includes(syscall ?? ''))
    return new CommandError(message.split('\n', 1)[0]);
  const isLegacy = legacySocket !== undefined && legacySocket.port === port;
  const { host, port: wanted } = isLegacy ? legacySocket : listen;
  const flag = isLegacy ? '--legacy-socket' : '--listen';
  const where = `${host}:${wanted}`;
  const reasons: Record<string, string> = {
    EADDRINUSE: `another program listens on ${where} already; stop it, or choose another address with ${flag}`,
    EACCES: `not allowed to listen on ${where}; ports below 1024 need privileges, choose another with ${flag}`,
    EADDRNOTAVAIL: `this machine has no address ${host} to listen on; choose another with ${flag}`,
    ENOTFOUND: `this machine has no address ${host} to listen on; choose another with ${flag}`,
  };
  return new CommandError(reasons[code ?? ''] ?? `cannot listen on ${where}: ${code ?? message}`);
}

/** Whether only a mistake in our code throws it. */
export function isBug(error: Error): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
}
