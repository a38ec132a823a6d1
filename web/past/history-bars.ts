import type { Commit } from '../page/api.ts';

const BARS = 120;

/** How much each part of the history changed, as bars over the slider. */
export class HistoryBars {
  readonly #host: HTMLElement;

  constructor(options: { host: HTMLElement }) {
    this.#host = options.host;
  }

  /** Of these commits, oldest first. */
  draw(commits: readonly Pick<Commit, 'tiles' | 'compositors'>[]): void {
    const sums = sumsOf(commits, BARS);
    const most = Math.max(1, ...sums);
    while (this.#host.childElementCount < sums.length) this.#host.append(document.createElement('i'));
    while (this.#host.childElementCount > sums.length) this.#host.lastElementChild!.remove();
    for (const [i, sum] of sums.entries()) {
      // A logarithm, because one large commit would flatten all the others.
      const share = Math.log1p(sum) / Math.log1p(most);
      (this.#host.children[i] as HTMLElement).style.setProperty('--share', share.toFixed(3));
    }
  }
}

function sumsOf(commits: readonly Pick<Commit, 'tiles' | 'compositors'>[], most: number): number[] {
  const count = Math.min(most, commits.length);
  const sums = new Array<number>(count).fill(0);
  for (const [i, { tiles, compositors }] of commits.entries())
    sums[Math.floor((i * count) / commits.length)]! += tiles + compositors;
  return sums;
}
