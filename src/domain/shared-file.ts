/**
 * A file that other programs read and write, too. Its adapter never follows a link at the file's own name, and never leaves half a file there.
 */
export interface SharedFile {
  /** Its name without the folder, for messages. */
  readonly name: string;
  /** What is there now. Never throws. */
  look(): Promise<Found>;
  /**
   * Gives all bytes of what {@link look} found to `take`, piece by piece; resolves to false when the file changed meanwhile. Throws what `take`
   * throws, and {@link FileTrouble}.
   */
  read(found: FoundFile, take: (piece: Buffer) => Promise<void>): Promise<boolean>;
  /**
   * Replaces the file as a whole, with a modification time that no earlier one had; resolves to what is there then, or undefined when
   * what was there was not `expected` any more and stays. Throws {@link FileTrouble}.
   */
  replace(expected: Found, pieces: AsyncIterable<Buffer>): Promise<FoundFile | undefined>;
  /**
   * What somebody wrote into the file that was replaced last, after we had looked at it: they had opened it before. Undefined when nobody did.
   */
  lateWrite(): Promise<FoundFile | undefined>;
  /** Calls `changed` soon after the file may have changed. Only a hint. Returns how to stop. */
  watch(changed: () => void): () => void;
  /** Gives back what it holds open. */
  close(): Promise<void>;
}

/** What is where the file should be: it, nothing, or something that is left alone. */
export type Found =
  FoundFile | { readonly kind: 'nothing' } | { readonly kind: 'other'; readonly why: string };

export interface FoundFile {
  readonly kind: 'file';
  /** Another one after each change. */
  readonly identity: string;
  readonly size: number;
  /** It is that of {@link SharedFile.lateWrite}, which has no name any more. */
  readonly isLate?: boolean;
}

/** The system refuses: the message says what, and everybody may read it. */
export class FileTrouble extends Error {
  override name = 'FileTrouble';
}

/** Who keeps the file, and what it had when that was last certain; kept beside the file (docs/decisions/0025). */
export interface KeeperNote {
  /** Of all replicas that share one store. */
  readonly deployment: string;
  /** The replica; empty when it has let go. */
  readonly keeper: string;
  /** For people: the name of the daemon, and its process. */
  readonly name: string;
  /** Another one every few seconds, while the keeper lives. */
  readonly beat: number;
  /** SHA-256 of the file when its keeper last knew what was in it; empty when it does not. */
  readonly digest: string;
}

export interface KeeperNotes {
  /** Undefined when there is none, or none that can be read. Throws {@link FileTrouble}. */
  read(): Promise<KeeperNote | undefined>;
  write(note: KeeperNote): Promise<void>;
}
