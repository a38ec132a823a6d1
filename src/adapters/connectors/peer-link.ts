import type { ConnectorError } from '../../domain/connector.ts';

export interface PeerLinkHandlers {
  readonly onText: (text: string) => void;
  /** A message came that is not text. */
  readonly onBinary: () => void;
  /** Something of what was sent has left. */
  readonly onSent: () => void;
  /** The peer ended the link, or broke the transport's rules. Called at most once, and never after `close`. */
  readonly onEnd: (error: ConnectorError) => void;
}

/** An open channel for text messages to and from one peer, over some transport. */
export interface PeerLink {
  /** Bytes that the peer has not taken yet. */
  readonly unsentBytes: number;
  /** Called once. Messages that came earlier have waited, and come now. */
  start(handlers: PeerLinkHandlers): void;
  /** Sends messages, several at once where the transport can. */
  send(...texts: readonly string[]): void;
  /** Stops reading, so that the transport holds the peer back. A few messages may still come. */
  pause(): void;
  resume(): void;
  /** Resolves to true when the peer has answered a ping; to false while the link is paused and could not hear the answer. */
  ping(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}
