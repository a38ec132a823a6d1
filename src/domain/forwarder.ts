import type { Readable } from 'node:stream';
import type { Target } from './connector.ts';

/** Names in lower case; a header that came more than once has several values. */
export type ForwardHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface ForwardRequest {
  readonly method: string;
  /** As it goes on the wire: begins with `/`, encoded as it came, with its query. */
  readonly path: string;
  /** `host` and those that belong to one connection are made anew. */
  readonly headers: ForwardHeaders;
  /** Absent: the request has none. Read only as fast as the target takes it; destroyed when the target does not want the rest. */
  readonly body?: Readable;
}

export interface ForwardReply {
  readonly status: number;
  /** As they came, those of one hop too. */
  readonly headers: ForwardHeaders;
  /** As it came, compressed if it was. Read from the target only as fast as it is read here; an error in it ends it. */
  readonly body: Readable;
}

/**
 * Carries single requests to the HTTP API of a compositor (protocol `http` or `https`), with the same guard as a connector:
 * the name is resolved once, each address checked, redirects passed on and never followed.
 *
 * Resolves when the head of the reply is there. Rejects with a `ConnectorError`: `refused`, `unreachable`, `timeout`,
 * `bad-answer`. The signal ends the request at any time, also in the middle of either body. Nothing is retried.
 */
export interface Forwarder {
  forward(target: Target, request: ForwardRequest, signal: AbortSignal): Promise<ForwardReply>;
  /** Ends every connection. */
  close(): Promise<void>;
}
