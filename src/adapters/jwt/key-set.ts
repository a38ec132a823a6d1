import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';

/** Milliseconds after which the keys are read again, while the old ones stay in use. */
const MAX_AGE = 600_000;
/** Milliseconds between two reads, however many tokens name a key that is not there. */
const COOLDOWN = 30_000;
/** Milliseconds. */
const TIMEOUT = 5000;
/** The most bytes of a key set. */
const MAX_BYTES = 256 * 1024;

/** The public keys (JWKS) of an issuer, from a URL or a file. When they cannot be read, the last good ones stay in use. */
export class KeySet {
  readonly #location: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #keys: JWTVerifyGetKey | undefined;
  #text = '';
  #triedAt = -Infinity;
  #reading: Promise<void> | undefined;
  /** Counts the changes of the keys: what was verified with earlier ones is to be verified again. */
  version = 0;

  constructor(options: { location: string; clock: Clock; log: Logger }) {
    this.#location = options.location;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** The present keys; waits for them only when there are none yet. Undefined when they could never be read. */
  async keys(): Promise<JWTVerifyGetKey | undefined> {
    const age = this.#clock.monotonic() - this.#triedAt;
    if (age >= MAX_AGE || (!this.#keys && age >= COOLDOWN)) void this.#read();
    if (!this.#keys) await this.#reading;
    return this.#keys;
  }

  /** Reads the keys again, for a token with a key that is not there. Resolves to whether they have changed. */
  async refresh(options: { now?: boolean } = {}): Promise<boolean> {
    const { version } = this;
    if (this.#reading || options.now || this.#clock.monotonic() - this.#triedAt >= COOLDOWN)
      await this.#read();
    return this.version !== version;
  }

  #read(): Promise<void> {
    this.#triedAt = this.#clock.monotonic();
    this.#reading ??= this.#load()
      .catch((error: unknown) => {
        const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
        this.#log.warn(
          { jwks: this.#location, error: cause?.code ?? message },
          'cannot read the keys of the issuer',
        );
      })
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #load(): Promise<void> {
    const text = /^https?:\/\//.test(this.#location)
      ? await fetchText(this.#location)
      : await readFile(this.#location, 'utf8');
    if (text === this.#text) return;
    this.#keys = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    this.#text = text;
    this.version += 1;
  }
}

async function fetchText(url: string): Promise<string> {
  // A redirect could lead to keys that the operator did not choose.
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Error('it is too long');
  }
  return text;
}
