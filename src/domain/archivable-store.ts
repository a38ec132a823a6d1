import type { ArchivePart, ArchiveProgress } from './archive.ts';
import type { StoreFeature } from './store-feature.ts';
import type { LoadedState, Store } from './store.ts';

/** A store that can be described, and replaced as a whole. Both adapters pass `test/contract/store-intake.ts`. */
export interface ArchivableStore extends Store {
  describe(): Promise<StoreDescription>;

  /**
   * Begins to take in what an archive holds. `name` stands for this archive: what an earlier intake of the same name had taken when
   * its process ended is still there. What another one had taken is forgotten.
   */
  takeIn(name: string): Promise<Intake>;
}

export interface StoreDescription {
  /** Where it is, without a password. */
  readonly where: string;
  /** The number of its layout; undefined: nothing was ever written. */
  readonly format: number | undefined;
  /** Bytes that it takes, about; undefined when it does not say. */
  readonly bytes: number | undefined;
}

/**
 * What is to be the content of a store, on its way. It lies beside the store, where nobody looks, until {@link finish} puts all of
 * it into place at once.
 */
export interface Intake {
  /** How far an earlier intake of the same name came; undefined when it begins. */
  readonly progress: ArchiveProgress | undefined;

  /** Takes a part, with all that was read of the archive up to its end. Durable when it resolves. */
  add(part: ArchivePart, progress: ArchiveProgress): Promise<void>;

  /** Everything taken, as a store that held it would load it. Throws an Error of one line when that contradicts itself. */
  load(): Promise<LoadedState>;

  /**
   * Makes everything taken the content of the store, leases and log included; claims and secrets stay. All or nothing: false, and
   * nothing is changed, when the store holds something and `replace` is not set.
   */
  finish(options: FinishOptions): Promise<boolean>;

  /** Forgets everything taken. */
  discard(): Promise<void>;

  close(): Promise<void>;
}

export interface FinishOptions {
  readonly replace: boolean;
  /** The newest feature that any of it uses. */
  readonly feature: StoreFeature;
}
