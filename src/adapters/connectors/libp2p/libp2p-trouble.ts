import { ConnectorError } from '../../../domain/connector.ts';
import { connectorErrorOf as systemTrouble } from '../connector-errors.ts';

/** What went wrong on the way to a peer, in words of ours: libp2p's may quote the peer. */
export function troubleOf(error: unknown, signal: AbortSignal): ConnectorError {
  // Several addresses fail with several errors, the last of which is as good as any.
  const one: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  if (signal.aborted || one instanceof ConnectorError) return systemTrouble(one, signal);
  const { code, name } = one as { code?: unknown; name?: unknown };
  // Only the operating system's errors have such a code: ECONNREFUSED, EHOSTUNREACH.
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return systemTrouble(one, signal);
  const what =
    name === 'UnsupportedProtocolError' ? '/geoos/compositor/1.0.0' : 'libp2p with Noise and Yamux';
  return new ConnectorError('bad-answer', `it does not speak ${what}`, { cause: error });
}
