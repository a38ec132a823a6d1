import type { Api, Commit } from './api.ts';

const BARS = 120;
/** Milliseconds between two reads of the history, and between two steps of the player. */
const REFRESH_INTERVAL = 3000;
const PLAY_INTERVAL = 120;
const MAX_COMMITS = 5000;

export interface TimelineOptions {
  readonly slider: HTMLInputElement;
  readonly bars: HTMLElement;
  readonly text: HTMLElement;
  readonly live: HTMLButtonElement;
  readonly play: HTMLButtonElement;
  readonly api: Api;
  /** The revision of the live map. */
  readonly revision: () => number;
  /** Called with the commit to show; undefined: back to the live map. */
  readonly onTravel: (commit: Commit | undefined) => void;
}

/** The slider through the history: each step is a commit, the last one is the live map. */
export class Timeline {
  readonly #options: TimelineOptions;
  /** Oldest first. */
  #commits: Commit[] = [];
  #at: string | undefined;
  #player: ReturnType<typeof setInterval> | undefined;
  #reading = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#options.slider.addEventListener('input', () => {
      this.#stop();
      this.#go(Number(this.#options.slider.value));
    });
    options.live.addEventListener('click', () => this.live());
    this.#options.play.addEventListener('click', () =>
      this.#player === undefined ? this.#start() : this.#stop(),
    );
  }

  get commits(): number {
    return this.#commits.length;
  }

  start(): void {
    setInterval(() => void this.#refresh(), REFRESH_INTERVAL);
    void this.#refresh();
  }

  live(): void {
    this.#stop();
    this.#go(this.#commits.length - 1);
  }

  /** Reads the new commits; the slider stays at its commit. */
  async #refresh(): Promise<void> {
    const known = this.#commits.at(-1);
    if (this.#reading || document.hidden || known?.revision === this.#options.revision()) return;
    this.#reading = true;
    const newestFirst = await this.#options.api.history(known?.cursor).catch(() => undefined);
    this.#reading = false;
    if (!newestFirst) return;
    const found = newestFirst.findIndex(({ cursor }) => cursor === known?.cursor);
    // Not found: it was trimmed meanwhile, or the server has a new history.
    this.#commits = found < 0 ? [] : this.#commits;
    const fresh = found < 0 ? newestFirst : newestFirst.slice(0, found);
    this.#commits = [...this.#commits, ...fresh.reverse()].slice(-MAX_COMMITS);
    this.#options.slider.max = String(Math.max(0, this.#commits.length - 1));
    const index = this.#commits.findIndex(({ cursor }) => cursor === this.#at);
    this.#options.slider.value = String(index < 0 ? this.#commits.length - 1 : index);
    this.#draw();
    this.#write();
  }

  #go(index: number): void {
    const commit = index >= this.#commits.length - 1 ? undefined : this.#commits[index];
    this.#options.slider.value = String(commit ? index : this.#commits.length - 1);
    if (commit?.cursor === this.#at) return;
    this.#at = commit?.cursor;
    this.#write();
    this.#options.onTravel(commit);
  }

  #start(): void {
    // Starts from the beginning when the map is live; a long history plays in larger steps.
    if (this.#at === undefined) this.#go(0);
    const step = Math.max(1, Math.round(this.#commits.length / 250));
    this.#player = setInterval(() => {
      const next = Number(this.#options.slider.value) + step;
      if (next >= this.#commits.length - 1) return this.live();
      this.#go(next);
    }, PLAY_INTERVAL);
    this.#options.play.dataset['playing'] = 'true';
    this.#options.play.setAttribute('aria-label', 'Stop playing the history');
  }

  #stop(): void {
    clearInterval(this.#player);
    this.#player = undefined;
    delete this.#options.play.dataset['playing'];
    this.#options.play.setAttribute('aria-label', 'Play the history');
  }

  #write(): void {
    const commit = this.#commits.find(({ cursor }) => cursor === this.#at);
    document.documentElement.dataset['mode'] = commit ? 'history' : 'live';
    const text = commit
      ? `r${commit.revision.toLocaleString('en')} · ${timeOf(commit.committedAt)} · ${commit.by ?? commit.origin}`
      : 'Now';
    this.#options.text.textContent = text;
    this.#options.slider.setAttribute('aria-valuetext', text);
  }

  /** Draws how much each part of the history changed. */
  #draw(): void {
    const count = Math.min(BARS, this.#commits.length);
    const sums = new Array<number>(count).fill(0);
    for (const [i, { tiles, compositors }] of this.#commits.entries())
      sums[Math.floor((i * count) / this.#commits.length)]! += tiles + compositors;
    const most = Math.max(1, ...sums);
    while (this.#options.bars.childElementCount < count)
      this.#options.bars.append(document.createElement('i'));
    while (this.#options.bars.childElementCount > count) this.#options.bars.lastElementChild!.remove();
    for (const [i, sum] of sums.entries()) {
      // A logarithm, because one large commit would flatten all the others.
      const share = Math.log1p(sum) / Math.log1p(most);
      (this.#options.bars.children[i] as HTMLElement).style.setProperty('--share', share.toFixed(3));
    }
  }
}

function timeOf(instant: string): string {
  const date = new Date(instant);
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString() : date.toLocaleString();
}
