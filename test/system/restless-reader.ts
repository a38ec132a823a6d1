import type { Random } from '../simulation/random.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import type { ReaderView } from '../failures/same-as-manifest.ts';

export interface RestlessOptions {
  readonly url: string;
  readonly name: string;
  readonly random: Random;
  readonly view: ReaderView;
}

/** A conformance client that now and then drops its connection, wherever it is, and comes back later. */
export class RestlessReader {
  readonly reader: ConformanceClient;
  readonly view: ReaderView;
  readonly #random: Random;
  #connected = false;
  drops = 0;

  constructor(options: RestlessOptions) {
    this.view = options.view;
    this.#random = options.random;
    const { url, name, view } = options;
    this.reader = new ConformanceClient({ url, name, maxRetry: 50, ...view });
  }

  /** Called once for each step of the play. */
  async stir(): Promise<void> {
    if (!this.#random.chance(this.#connected ? 0.01 : 0.1)) return;
    if (this.#connected) {
      this.drops++;
      await this.reader.disconnect();
    } else {
      this.reader.connect();
    }
    this.#connected = !this.#connected;
  }

  settle(): void {
    if (!this.#connected) this.reader.connect();
    this.#connected = true;
  }
}

/** The whole map, a rectangle of the trace's quarter of the plane, some compositors, or both. */
export function randomView(random: Random, compositors: readonly string[]): ReaderView {
  const some = () => [...new Set(Array.from({ length: 1 + random.int(3) }, () => random.pick(compositors)))];
  const corner = () => `${-2048 + random.int(3600)},${-2048 + random.int(1030)}`;
  switch (random.int(4)) {
    case 0:
      return {};
    case 1:
      return { view: `${corner()},${corner()}` };
    case 2:
      return { compositors: some() };
    default:
      return { view: `${corner()},${corner()}`, compositors: some() };
  }
}
