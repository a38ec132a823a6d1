import type { Readable } from 'node:stream';
import type { Gzip } from 'node:zlib';
import type { LongWork } from '../../concurrency/long-work.ts';
import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Lease } from '../../domain/lease.ts';
import { StoreError, type Store } from '../../domain/store.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import { archiveText, headerOf } from './archive-text.ts';
import { compressed } from './archive-stream.ts';
import { momentOf } from './moment.ts';

interface BackupsOptions {
  readonly copy: ManifestCopy;
  readonly store: Pick<Store, 'kind' | 'leases'>;
  readonly clock: Clock;
  readonly work: LongWork;
  /** Of this compositord. */
  readonly version: string;
}

export interface Backup {
  readonly cursor: Cursor;
  /** The archive, compressed. Whoever took it reads it to its end or destroys it. */
  readonly body: Readable;
}

/** Milliseconds: whoever takes nothing from one such look to the next loses it. It holds the place of the next one, and more and more of the history. */
const STALLED = 30_000;

/** Takes archives of what this daemon holds, one at a time. */
export class Backups {
  readonly #options: BackupsOptions;
  #running = false;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** Of which the next one would be. Throws `store-unavailable` before the manifest is loaded. */
  get head(): Cursor {
    const { copy } = this.#options;
    if (copy.loaded) return copy.head;
    throw new DomainError('store-unavailable', 'the manifest is not loaded yet', { retryAfter: 1 });
  }

  /** Everything as of now. Throws `store-unavailable` before the manifest is loaded, and `overloaded` while another one is on its way. */
  async take(): Promise<Backup> {
    if (this.#running) throw new DomainError('overloaded', 'another backup is on its way', { retryAfter: 5 });
    this.#running = true;
    try {
      const backup = await this.#begin();
      backup.body.once('close', () => (this.#running = false));
      return backup;
    } catch (error) {
      this.#running = false;
      throw error;
    }
  }

  async #begin(): Promise<Backup> {
    const { copy, store, clock, work, version } = this.#options;
    const leases = await this.#leases();
    // From here to the moment nobody else runs.
    const cursor = this.head;
    const { manifest: live, present: manifest, log } = copy;
    const moment = momentOf({ live, manifest, log, leases: leases ?? [] });
    const header = headerOf(moment, {
      createdAt: new Date(clock.now()).toISOString(),
      store: store.kind,
      version,
      degraded: leases === undefined,
    });
    const body = compressed(archiveText({ moment, header, work }));
    this.#endWhenStalled(body);
    return { cursor, body };
  }

  #endWhenStalled(body: Gzip): void {
    let before = '';
    const stop = repeat(this.#options.clock, STALLED, () => {
      const now = `${body.bytesWritten} ${body.readableLength}`;
      if (now === before) body.destroy();
      before = now;
    });
    body.once('close', stop);
  }

  /** Undefined: the store is away, which is when a backup of what is left is needed most. */
  async #leases(): Promise<readonly Lease[] | undefined> {
    try {
      return (await this.#options.store.leases()).leases;
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }
}
