/** A signal ended a command before it had done what it was for; without a signal, an error did. */
export class Stopped extends Error {
  override name = 'Stopped';
  readonly signal: string | undefined;

  constructor(signal: string | undefined) {
    super(`ended by ${signal ?? 'an error'}`);
    this.signal = signal;
  }
}
