import type { Failure } from '../../conformance/conformance-client.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { codeOf } from '../http-client.ts';
import { printable } from '../printable.ts';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'no answer in time',
};

const ENDINGS = {
  end: 'the stream ended',
  cut: 'the stream was cut',
  garbled: 'the stream cannot be read',
  closed: '',
};

/** Why there is no stream, in a few words that are safe for a terminal. */
export function failureText(failure: Failure | undefined): string {
  switch (failure?.kind) {
    case undefined:
      return '';
    case 'silent':
      return 'nothing was heard for 30 s';
    case 'ended':
      return ENDINGS[failure.ending];
    case 'refused':
      return `the answer was ${answerText(failure)}`;
    case 'unreachable': {
      const { code, message } = failure.error as NodeJS.ErrnoException;
      return printable(REASONS[code ?? ''] ?? (message || code || 'no answer'));
    }
  }
}

/** `401 unauthorized: give a token`, or `404 (text/html)` where the body is no problem of a daemon. */
function answerText({ status, headers, body }: Failure & { kind: 'refused' }): string {
  const problem = parseJson(body);
  const code = codeOf(problem);
  if (code === undefined)
    return printable(`${status} (${headers['content-type'] ?? 'without a content type'})`);
  const { detail } = isObject(problem) ? problem : {};
  return printable(`${status} ${code}${typeof detail === 'string' ? `: ${detail}` : ''}`);
}

/** Statuses with which a daemon, or the proxy in front of it, says that a later attempt may succeed. */
const LATER: readonly number[] = [408, 425, 429];

/**
 * What is wrong for good, so that no later attempt can succeed; undefined when one may. `wasFine`: a stream was open before, so that it is the
 * right address, and another answer is that of a proxy whose daemon is away.
 */
export function lastingProblem(
  failure: Failure | undefined,
  url: string,
  wasFine: boolean,
): string | undefined {
  const noCompositord = `what answers at ${printable(url)} is no compositord: `;
  if (failure?.kind === 'refused') {
    const { status, body } = failure;
    const text = failureText(failure);
    if (status === 401) return `${text}; give a token with the scope read, in --token or COMPOSITORD_TOKEN`;
    if (status === 403) return text;
    if (wasFine || status >= 500 || LATER.includes(status)) return undefined;
    return codeOf(parseJson(body)) === undefined ? noCompositord + text : text;
  }
  if (failure?.kind !== 'unreachable' || wasFine) return undefined;
  const { code = '' } = failure.error as NodeJS.ErrnoException;
  if (code.startsWith('HPE_')) return `${noCompositord}it does not speak HTTP`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return `${noCompositord}it does not speak TLS`;
  // Of OpenSSL, such as DEPTH_ZERO_SELF_SIGNED_CERT; and of Node, for a certificate of another host.
  const isCertificate = /CERT|^UNABLE_TO/.test(code) && !/^E[A-Z]+$/.test(code);
  return isCertificate
    ? `the certificate of ${printable(url)} is not trusted: ${failureText(failure)}`
    : undefined;
}
