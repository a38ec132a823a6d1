import { ConnectorError } from '../../domain/connector.ts';

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it cut the connection',
  EPIPE: 'it cut the connection',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'there is no route to that host',
  ENETUNREACH: 'there is no route to that network',
};

const BAD_ANSWER: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'the head of its answer is larger than 16 KiB',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
};

/** The result of `work`, or a ConnectorError (`timeout`) when the signal aborts first. */
export function beforeAbort<T>(signal: AbortSignal, work: Promise<T>, what = 'answer'): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new ConnectorError('timeout', `no ${what} in time`));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The daemon's own words for an error on the way to a peer: the message of a library may quote the peer. */
export function connectorErrorOf(error: unknown, signal?: AbortSignal): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (signal?.aborted) return new ConnectorError('timeout', 'no answer in time', { cause: error });
  const { code = '', message = '' } = innermost(error);
  const unreachable = UNREACHABLE[code];
  if (unreachable !== undefined) return new ConnectorError('unreachable', unreachable, { cause: error });
  const badAnswer = BAD_ANSWER[code] ?? (code.startsWith('HPE_') ? 'its answer is not HTTP' : undefined);
  if (badAnswer !== undefined) return new ConnectorError('bad-answer', badAnswer, { cause: error });
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/.test(code))
    return new ConnectorError('unreachable', `its certificate is not trusted (${code})`, { cause: error });
  const known = /^[A-Z0-9_]{1,60}$/.test(code) ? code : message.length > 0 ? 'an unknown error' : 'no reason';
  return new ConnectorError('unreachable', `the connection failed: ${known}`, { cause: error });
}

/** The cause of a wrapped error, or the last of several errors (a name with several addresses). */
function innermost(error: unknown): { code?: string; message?: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  if (!(error instanceof Error)) return {};
  const { code, cause } = error as NodeJS.ErrnoException;
  if (code === undefined && cause instanceof Error) return innermost(cause);
  return { ...(code !== undefined && { code }), message: error.message };
}
