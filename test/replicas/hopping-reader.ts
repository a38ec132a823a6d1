import type { Test } from 'tap';
import type { Random } from '../simulation/random.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import type { ReaderView } from '../failures/same-as-manifest.ts';

/** A conformance client that a proxy sends to another replica now and then, wherever it is. */
export class HoppingReader {
  readonly reader: ConformanceClient;
  readonly view: ReaderView;
  readonly name: string;
  hops = 0;
  readonly #urls: () => readonly string[];
  readonly #random: Random;

  constructor(options: { urls: () => readonly string[]; name: string; random: Random; view?: ReaderView }) {
    const { urls, name, random, view = {} } = options;
    this.#urls = urls;
    this.#random = random;
    this.name = name;
    this.view = view;
    this.reader = new ConformanceClient({ url: random.pick(urls()), name, maxRetry: 50, ...view });
  }

  /** Its connection goes where it is, and comes back at a replica picked at random. */
  async hop(): Promise<void> {
    this.hops++;
    await this.reader.disconnect();
    this.reader.connect(this.#random.pick(this.#urls()));
  }

  /** Hops once in `every` calls. */
  async stir(every = 20): Promise<void> {
    // A reconnect after a cut goes elsewhere, too: whoever is behind a proxy knows no replica.
    this.reader.moveTo(this.#random.pick(this.#urls()));
    if (this.#random.chance(1 / every)) await this.hop();
  }
}

const VIEWS: readonly ReaderView[] = [{}, { view: '-5,-5,5,5' }, { compositors: ['a'] }, {}];

/**
 * `count` of them, with views of every kind, disconnected when `t` ends. Each has its first snapshot: a reader that hops
 * inside it gets a second one, which no test could tell from a lost position.
 */
export async function hoppers(
  t: Test,
  urls: () => readonly string[],
  random: Random,
  count = 8,
): Promise<HoppingReader[]> {
  const readers = Array.from(
    { length: count },
    (_, i) => new HoppingReader({ urls, name: `reader ${i}`, random, view: VIEWS[i % VIEWS.length]! }),
  );
  t.teardown(() => Promise.all(readers.map(({ reader }) => reader.disconnect())));
  for (const { reader } of readers) reader.connect();
  await Promise.all(readers.map(({ reader }) => reader.until(({ copy }) => copy.exact)));
  return readers;
}
