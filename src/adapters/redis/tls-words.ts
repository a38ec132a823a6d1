/** Each with how the codes of Node and OpenSSL end (the same alert has another name in each version), and what an operator can do. */
const WORDS: readonly (readonly [codes: RegExp, words: string])[] = [
  [
    /UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|SELF_SIGNED_CERT/,
    'nobody whom this daemon trusts has signed its certificate; redis.ca names the certificate of who has',
  ],
  [/^CERT_HAS_EXPIRED/, 'its certificate, or that of who signed it, has expired'],
  [/^CERT_NOT_YET_VALID/, 'its certificate is not valid yet; is the clock of this machine right?'],
  [
    /ALTNAME_INVALID/,
    'its certificate is for another name; redis.serverName says which name it must have, if that is right',
  ],
  [/ALERT_CERTIFICATE_EXPIRED/, 'to it, the certificate in redis.cert has expired'],
  [
    /ALERT_UNKNOWN_CA|ALERT_BAD_CERTIFICATE|ALERT_(?:UNSUPPORTED_)?CERTIFICATE(?:_REVOKED|_UNKNOWN)?$/,
    'it does not accept the certificate in redis.cert',
  ],
  // Before TLS 1.3 nothing else is said of a certificate that is missing.
  [
    /CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/,
    'it requires a certificate of the client; redis.cert and redis.key name one',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/,
    'what answers there speaks no TLS: write redis instead of rediss',
  ],
];

/** What an error of TLS means, and what it says itself; undefined for any other error. */
export function tlsWords(error: unknown): string | undefined {
  if (error instanceof TlsFileError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (
    typeof code !== 'string' ||
    !/^(?:ERR_(?:SSL|TLS)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)
  )
    return undefined;
  // OpenSSL puts its own source's place around what it says.
  const said = /^[0-9A-F]+:error:[^:]*:[^:]*:([^:]*)/.exec(message)?.[1] ?? message;
  const words = WORDS.find(([codes]) => codes.test(code))?.[1];
  return words === undefined ? said : `${words} (${said})`;
}

/** A file that a setting names is of no use. */
export class TlsFileError extends Error {}
