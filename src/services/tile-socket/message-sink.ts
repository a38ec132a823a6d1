/** Where a tile reader's messages go: one socket. Nothing here blocks or throws. */
export interface MessageSink {
  send(text: string): void;
  /** Part of what was sent is still on its way. Its owner calls {@link TileSocketHandle.drained} when it has gone. */
  readonly draining: boolean;
  /** Asks its client for a sign of life, which its owner tells by {@link TileSocketHandle.heard}. */
  ping(): void;
  /** Ends it well; `code` is one of RFC 6455. */
  close(code: number, reason: string): void;
  /** Ends it at once. */
  destroy(): void;
}

/** What the owner of a sink tells the feed. */
export interface TileSocketHandle {
  drained(): void;
  /** Its client lives, and may have sent a message. */
  heard(message?: unknown): void;
  closed(): void;
  /** Ends it well, since its client may not read any more. */
  end(reason: string): void;
}
