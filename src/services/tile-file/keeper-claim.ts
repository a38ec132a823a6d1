import { sleep } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { KeeperNote, KeeperNotes } from '../../domain/shared-file.ts';

/** Milliseconds between two signs of life of a keeper. */
const BEAT = 3000;
/** Milliseconds without one after which it has ended. */
const ABANDONED = 30_000;
/** Milliseconds after which whoever else wants the file at the same time has written a note, too. */
const RACE = 200;

interface KeeperClaimOptions {
  readonly notes: KeeperNotes;
  readonly clock: Clock;
  /** Names all replicas on one store, of which their claim says who keeps the file. Throws a StoreError. */
  readonly deployment: () => Promise<string>;
  /** This replica. */
  readonly self: string;
  /** For people. */
  readonly name: string;
}

/**
 * The right to keep a file that daemons with other stores may want to keep, too: by a note beside it, which its keeper renews. Two that did
 * not know each other would write it in turns for ever.
 */
export class KeeperClaim {
  readonly #options: KeeperClaimOptions;
  #deployment = '';
  #digest = '';
  #beat = 0;
  #beatAt = -Infinity;
  #isOurs = false;
  /** Another keeper's last sign of life, and since when there has been no other. */
  #other: { readonly sign: string; readonly since: number } | undefined;

  constructor(options: KeeperClaimOptions) {
    this.#options = options;
  }

  /** SHA-256 of the file when a keeper of this deployment last knew what was in it; empty when none did. */
  get digest(): string {
    return this.#digest;
  }

  /** The name of who keeps the file instead; undefined: we do, for now. Throws FileTrouble, and a StoreError. */
  async hold(): Promise<string | undefined> {
    const { notes, clock, self } = this.#options;
    const deployment = (this.#deployment ||= await this.#options.deployment());
    const note = await notes.read();
    const isOfUs = note?.deployment === deployment;
    if (note && !isOfUs && note.keeper !== '' && !this.#isAbandoned(note)) {
      this.#isOurs = false;
      return note.name;
    }
    this.#other = undefined;
    // What another deployment wrote is nothing that we know.
    if (!this.#isOurs) this.#digest = isOfUs ? note.digest : '';
    const isNamed = isOfUs && note.keeper === self;
    if (!isNamed || clock.monotonic() - this.#beatAt >= BEAT) await this.#write(self);
    if (!isOfUs) {
      await sleep(clock, RACE);
      const now = await notes.read();
      if (now && now.deployment !== deployment) return now.name;
    }
    this.#isOurs = true;
    return undefined;
  }

  /** What is in the file is known, and is this. Throws FileTrouble. */
  async know(digest: string): Promise<void> {
    if (digest === this.#digest) return;
    this.#digest = digest;
    await this.#write(this.#options.self);
  }

  /** Lets others of any deployment keep the file at once. */
  async release(): Promise<void> {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    const note = await this.#options.notes.read();
    if (note?.keeper === this.#options.self) await this.#write('');
  }

  #isAbandoned(note: KeeperNote): boolean {
    const now = this.#options.clock.monotonic();
    const sign = `${note.deployment} ${note.keeper} ${note.beat}`;
    if (this.#other?.sign !== sign) this.#other = { sign, since: now };
    return now - this.#other.since >= ABANDONED;
  }

  async #write(keeper: string): Promise<void> {
    const { notes, clock, name } = this.#options;
    const deployment = this.#deployment;
    this.#beat += 1;
    this.#beatAt = clock.monotonic();
    await notes.write({ deployment, keeper, name, beat: this.#beat, digest: this.#digest });
  }
}
