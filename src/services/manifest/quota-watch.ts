import type { Logger } from '../../domain/logger.ts';
import { exceededQuotas, type QuotaSettings } from '../../domain/quota.ts';
import type { ManifestCopy } from './manifest-copy.ts';

interface QuotaWatchOptions {
  readonly copy: ManifestCopy;
  readonly quotas: QuotaSettings;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** What is used of one quota. */
export interface QuotaState {
  readonly used: number;
  /** Null: no limit. */
  readonly limit: number | null;
}

/**
 * Says when the manifest holds more than the quotas allow: in an older store, after a lowered setting, or by another replica
 * with other quotas. It is served all the same.
 */
export class QuotaWatch {
  readonly #options: QuotaWatchOptions;
  /** The quotas that are exceeded, as the log last said. */
  #said = '';
  #unsubscribe: () => void = () => undefined;

  constructor(options: QuotaWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const look = () => this.#look();
    this.#unsubscribe = this.#options.copy.subscribe({ committed: look, loaded: look, reloaded: look });
    look();
  }

  stop(): void {
    this.#unsubscribe();
  }

  get exceeded(): boolean {
    return this.#exceeded().length > 0;
  }

  get states(): Readonly<Record<'compositors' | 'tiles' | 'regions' | 'bytes', QuotaState>> {
    const { usage } = this.#options.copy.manifest;
    const { compositors, tiles, regions, bytes } = this.#options.quotas;
    return {
      compositors: { used: usage.compositors, limit: compositors ?? null },
      tiles: { used: usage.tiles, limit: tiles ?? null },
      regions: { used: usage.regions, limit: regions ?? null },
      bytes: { used: usage.bytes, limit: bytes ?? null },
    };
  }

  #exceeded() {
    return exceededQuotas(this.#options.copy.manifest.usage, this.#options.quotas);
  }

  #look(): void {
    const exceeded = this.#exceeded();
    const names = exceeded.map(({ quota }) => quota).join();
    if (names === this.#said) return;
    this.#said = names;
    const { log } = this.#options;
    if (exceeded.length === 0) log.info({}, 'the manifest is within its quotas again');
    else
      log.warn(
        { exceeded },
        'the manifest exceeds its quotas; it is served, and only writes that add to it are refused',
      );
  }
}
