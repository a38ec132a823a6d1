/** A two-way line of text messages to a peer, whatever carries it. */
export interface PeerLink {
  /** Bytes that wait for the peer to read. */
  readonly waiting: number;
  send(text: string): void;
  /** As few messages as can be come until `resume`; what is on the way already may. */
  pause(): void;
  resume(): void;
}
