import type { StreamHandle } from '../feed/sink.ts';
import type { RelayRight } from '../relay/relay-sender.ts';

/** Where a tile reader's messages go: one WebSocket. Nothing here blocks or throws. */
export interface MessageSink {
  send(text: string): void;
  /** What is sent until {@link uncork} goes out in one piece. */
  cork(): void;
  uncork(): void;
  /** Part of what was sent is still on its way. The sink's owner calls {@link TileSocketHandle.drained} when it has gone. */
  readonly draining: boolean;
  /** Asks the client for an answer, which the sink's owner reports by {@link TileSocketHandle.heard}. */
  ping(): void;
  /** Stops reading what the client sends; a few messages may still come. */
  pause(): void;
  resume(): void;
  /** Ends the connection well; `code` is one of RFC 6455. */
  close(code: number, reason: string): void;
  /** Ends it at once. `reason` is for the log. */
  destroy(reason: string): void;
}

/** How the owner of a sink reports to the tile feed. */
export interface TileSocketHandle extends StreamHandle {
  /** The client is alive. */
  alive(): void;
  /** The client sent a message of so many bytes; `text` is undefined if it was binary. */
  heard(text: string | undefined, bytes: number): void;
  /** From now on the client may not do this. */
  forbid(right: RelayRight): void;
}
