/** The subprotocol of a link. A browser closes a WebSocket whose server chooses none of those that its page named. */
const LINK = 'compositord.link';
/** Before a token in base64url: a subprotocol may not hold every character that a token may. */
const BEARER = 'compositord.bearer.';

/** The subprotocol that the daemon speaks of those that a client named; false: none, which programs other than browsers accept. */
export function chooseProtocol(named: ReadonlySet<string>): string | false {
  return named.has(LINK) ? LINK : false;
}

/**
 * The token among the subprotocols of a WebSocket, as the value of `Authorization`. Pages can send no headers with a WebSocket,
 * and URLs, which are logged on the way, must not contain a token.
 */
export function bearerInProtocols(header: string | undefined): string | undefined {
  const named = header?.split(',').map((each) => each.trim()) ?? [];
  const token = named.find((each) => each.startsWith(BEARER))?.slice(BEARER.length);
  return token === undefined ? undefined : `Bearer ${Buffer.from(token, 'base64url').toString()}`;
}
