import { LiveManifest } from '../../dist/domain/live-manifest.js';

/** Takes every batch and keeps nothing but its head: what is left is the cost of the services. */
export class ForgetfulStore {
  kind = 'memory';
  #head = '0-00000000';

  async load() {
    return { head: this.#head, manifest: new LiveManifest(), log: [] };
  }

  async commit(batch) {
    if (batch.expect !== this.#head) throw new Error('only one writes here');
    this.#head = batch.commits.at(-1)?.cursor ?? this.#head;
    return { taken: true };
  }

  async head() {
    return this.#head;
  }

  follow() {
    return () => undefined;
  }

  async close() {}
}
