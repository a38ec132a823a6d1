import { isSuccess, isUnavailable, pause, type HttpReply, type HttpRequest } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import type { Observations } from '../observations.ts';
import type { Registered } from '../test-compositors.ts';
import { effectOf } from './effect.ts';

type Expected = Observations['regions'][number]['expected'];

/** Milliseconds. */
const RETRY_DELAY = 150;
const INTERVAL = 300;
interface Sent {
  readonly path: string;
  readonly request: HttpRequest;
}

const DONE: Expected = { status: 200 };
const TAKEN: Expected = { status: 409, code: 'region-taken' };

/** Reserves a row and releases it again, at one URL after the other, and looks whether every URL keeps others out meanwhile, and no longer. */
export async function probeRegions(context: VerifyContext, row: number): Promise<void> {
  const { compositors, over } = context;
  const holder = await compositors.register({ id: compositors.id('holder'), signal: over });
  const stranger = await compositors.register({ id: compositors.id('stranger'), signal: over });
  if (!holder || !stranger) return;
  for (let round = 1; !over.aborted; round++) {
    if (!(await new Round(context, row, { holder, stranger, round }).run())) return;
    await pause(INTERVAL * (0.5 + Math.random()), over);
  }
}

/** One reservation, from its beginning to its end. */
class Round {
  readonly #context: VerifyContext;
  readonly #row: number;
  readonly #holder: Registered;
  readonly #stranger: Registered;
  readonly #round: number;

  constructor(
    context: VerifyContext,
    row: number,
    { holder, stranger, round }: { holder: Registered; stranger: Registered; round: number },
  ) {
    this.#context = context;
    this.#row = row;
    this.#holder = holder;
    this.#stranger = stranger;
    this.#round = round;
  }

  /** Returns false when nothing can be reserved, or verify has to end. */
  async run(): Promise<boolean> {
    const { urls, stop } = this.#context;
    const reserved = await this.#send('a reservation', this.#reservation(this.#holder), { status: 201 });
    const { id, cursor } = (reserved.body ?? {}) as { id?: string; cursor?: string };
    if (!isSuccess(reserved) || id === undefined || cursor === undefined) return false;
    const own = { [this.#key(1)]: { brick: `holder.${this.#round}.png` } };
    const written = await this.#send('a tile of its holder', this.#tiles(this.#holder, own), DONE);
    const since = (written.body as { cursor?: string } | undefined)?.cursor ?? cursor;
    for (const url of urls) {
      if (stop.aborted) return false;
      await this.#observe(url, since, id, true);
      const foreign = this.#tiles(this.#stranger, this.#foreign);
      await this.#send('a tile of another compositor in a region', foreign, TAKEN, url);
      const other = this.#reservation(this.#stranger);
      await this.#send('a region of another compositor over it', other, TAKEN, url);
      await this.#recordEffect(url, since, own);
    }
    const headers = { 'lease-generation': this.#holder.generation };
    const release = { path: `/regions/${id}`, request: { method: 'DELETE', headers } };
    const released = await this.#send('a release', release, DONE);
    const after = (released.body as { cursor?: string } | undefined)?.cursor ?? since;
    for (const url of urls) {
      if (stop.aborted) return false;
      await this.#observe(url, after, id, false);
      const foreign = this.#tiles(this.#stranger, this.#foreign);
      await this.#send('a tile of another compositor after the release', foreign, DONE, url);
    }
    await this.#send('a removal', this.#tiles(this.#stranger, { [this.#key(0)]: null }), DONE);
    return !stop.aborted;
  }

  /** Sends until there is an answer, and records it. */
  async #send(
    what: string,
    { path, request }: Sent,
    expected: Expected,
    url = this.#context.compositors.nextUrl(),
  ): Promise<HttpReply> {
    const { compositors, observations, stop } = this.#context;
    for (let attempts = 1; ; attempts++) {
      const reply = await compositors.write(url, what, path, request);
      if (isUnavailable(reply) && !stop.aborted) {
        await pause(RETRY_DELAY, stop);
        continue;
      }
      const { status, code } = reply;
      // What a lost reply had done is found done.
      const isDone = attempts > 1 && isSuccess(expected) && (isSuccess(reply) || status === 404);
      if (!isUnavailable(reply) && !isDone)
        observations.regions.push({ what, url, status, code, expected, effect: '' });
      return reply;
    }
  }

  /** Looks whether the manifest of `url` has the region, or no longer. */
  async #observe(url: string, atLeast: string, id: string, isThere: boolean): Promise<void> {
    const { send, region, observations } = this.#context;
    const path = `/manifest?view=${region.row(this.#row)}&atLeast=${atLeast}`;
    const { status, code, body } = await send(url, path);
    if (status !== 200) return;
    const { regions = {} } = body as { regions?: Record<string, { compositor?: string }> };
    const holder = regions[id]?.compositor;
    const effect =
      holder === (isThere ? this.#holder.id : undefined)
        ? ''
        : `it has ${holder === undefined ? 'no such region' : `the region of ${holder}`}`;
    const what = isThere ? 'the map after a reservation' : 'the map after a release';
    observations.regions.push({ what, url, status, code, expected: DONE, effect });
  }

  async #recordEffect(url: string, atLeast: string, own: Record<string, { brick: string }>): Promise<void> {
    const { region, observations } = this.#context;
    const effect = await effectOf(
      this.#context,
      url,
      `view=${region.row(this.#row)}&atLeast=${atLeast}`,
      own,
    );
    const what = 'the row after a foreign tile was sent';
    observations.regions.push({ what, url, status: 200, code: undefined, expected: DONE, effect });
  }

  get #foreign(): Record<string, { brick: string }> {
    return { [this.#key(0)]: { brick: `stranger.${this.#round}.png` } };
  }

  #key(column: number): string {
    return this.#context.region.key(this.#row, column);
  }

  /** With a key of its own: repeated, it is the same region. */
  #reservation({ id, generation }: Registered): Sent {
    const headers = { 'lease-generation': generation, 'idempotency-key': `${id}-${this.#round}` };
    const rect = this.#context.region.row(this.#row);
    const body = { compositor: id, rect, purpose: 'compositord verify', ttl: 30 };
    return { path: '/regions', request: { method: 'POST', body, headers } };
  }

  #tiles({ id, generation }: Registered, body: object): Sent {
    const headers = { 'lease-generation': generation };
    return { path: `/compositors/${id}/tiles`, request: { method: 'PATCH', body, headers } };
  }
}
