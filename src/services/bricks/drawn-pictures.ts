import type { LongWork } from '../../concurrency/long-work.ts';
import { Semaphore } from '../../concurrency/semaphore.ts';
import { DomainError } from '../../domain/errors.ts';
import { drawBrick } from '../../pattern/brick-picture.ts';
import { encodePng } from './png.ts';

/** Pixels to one side: what Geometry OS draws a cell with. */
const SIDE = 100;
/** Pictures that are kept, of some kilobytes each. */
const MOST_KEPT = 1000;
/** Who may wait for one to be drawn. */
const MOST_WAITING = 2000;

/** PNGs of bricks that have no picture, each drawn from its name when it is first requested. */
export class DrawnPictures {
  readonly #work: LongWork;
  readonly #turn = new Semaphore(1);
  /** Those requested last are last. */
  readonly #kept = new Map<string, Buffer>();

  constructor(work: LongWork) {
    this.#work = work;
  }

  /** Throws `overloaded` when too many wait. */
  async of(brick: string): Promise<Buffer> {
    const known = this.#kept.get(brick);
    if (known) {
      this.#kept.delete(brick);
      this.#kept.set(brick, known);
      return known;
    }
    if (this.#turn.waiting >= MOST_WAITING)
      throw new DomainError('overloaded', 'too many pictures wait to be drawn', { retryAfter: 1 });
    return this.#turn.run(() => this.#draw(brick));
  }

  async #draw(brick: string): Promise<Buffer> {
    const known = this.#kept.get(brick);
    if (known) return known;
    await this.#work.slice();
    const png = await encodePng(drawBrick(brick, SIDE), SIDE);
    this.#kept.set(brick, png);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return png;
  }
}
