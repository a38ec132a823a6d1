import type { Readable } from 'node:stream';
import type { Target } from './connector.ts';

/** Names in lower case; a header that came more than once has several values. */
export type ForwardHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface ForwardRequest {
  readonly method: string;
  /** The request target as sent: begins with `/`, keeps its encoding and its query. */
  readonly path: string;
  /** The forwarder replaces `host` and the headers that belong to one connection. */
  readonly headers: ForwardHeaders;
  /** Absent: no body. It is read only as fast as the target takes it, and destroyed when the target does not want the rest. */
  readonly body?: Readable;
}

export interface ForwardReply {
  readonly status: number;
  /** As received, including those that belong to one connection. */
  readonly headers: ForwardHeaders;
  /** As received, compressed or not. It is read from the target only as fast as it is read here, and an error ends it. */
  readonly body: Readable;
}

/**
 * Sends single requests to the HTTP API of a compositor (protocol `http` or `https`). The guard of connectors applies: the
 * name is resolved once, each address is checked, and redirects are passed on, never followed.
 *
 * Resolves when the head of the reply has arrived. Rejects with a `ConnectorError` of kind `refused`, `unreachable`,
 * `timeout` or `bad-answer`. The signal ends the request at any time, also in the middle of either body. Nothing is retried.
 */
export interface Forwarder {
  forward(target: Target, request: ForwardRequest, signal: AbortSignal): Promise<ForwardReply>;
  /** Closes every connection. */
  close(): Promise<void>;
}
