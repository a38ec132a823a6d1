/** A command could not be done; the message is for a person, in one line or a few, and safe for a terminal. */
export class Trouble extends Error {
  override name = 'Trouble';
}

/** Ctrl-C: whatever was going on ends, and nobody has to be told why. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}
