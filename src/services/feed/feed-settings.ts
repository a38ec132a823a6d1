/** What the configuration says of streams. */
export interface FeedSettings {
  /** Seconds without a frame after which a reader gets a sign of life. */
  readonly heartbeat: number;
  /** Seconds after which a connection ends, give or take a tenth. */
  readonly maxAge: number;
  /** Seconds after which a client comes back, give or take a half. */
  readonly retry: number;
  /** Bytes: several commits larger than this are not handed to a socket in one piece. */
  readonly buffer: number;
  /** More readers than this are sent away with `bye`. */
  readonly maxReaders: number;
}
