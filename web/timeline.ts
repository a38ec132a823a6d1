import type { Api, Commit } from './api.ts';

const BARS = 120;
/** Milliseconds between two looks at what was committed since, and between two steps of the player. */
const EVERY = 3000;
const STEP = 120;
const MOST = 5000;

/** The slider through the history: each step is a commit, the last one is now. */
export class Timeline {
  readonly #slider: HTMLInputElement;
  readonly #bars: HTMLElement;
  readonly #text: HTMLElement;
  readonly #play: HTMLButtonElement;
  readonly #api: Api;
  readonly #revision: () => number;
  readonly #onTravel: (commit: Commit | undefined) => void;
  /** Oldest first. */
  #commits: Commit[] = [];
  #at: string | undefined;
  #player: ReturnType<typeof setInterval> | undefined;
  #reading = false;

  constructor(options: {
    slider: HTMLInputElement;
    bars: HTMLElement;
    text: HTMLElement;
    live: HTMLButtonElement;
    play: HTMLButtonElement;
    api: Api;
    /** The live one. */
    revision: () => number;
    /** To a commit; undefined: back to now. */
    onTravel: (commit: Commit | undefined) => void;
  }) {
    this.#slider = options.slider;
    this.#bars = options.bars;
    this.#text = options.text;
    this.#play = options.play;
    this.#api = options.api;
    this.#revision = options.revision;
    this.#onTravel = options.onTravel;
    this.#slider.addEventListener('input', () => {
      this.#stop();
      this.#go(Number(this.#slider.value));
    });
    options.live.addEventListener('click', () => this.live());
    this.#play.addEventListener('click', () => (this.#player === undefined ? this.#start() : this.#stop()));
  }

  get commits(): number {
    return this.#commits.length;
  }

  start(): void {
    setInterval(() => void this.refresh(), EVERY);
    void this.refresh();
  }

  live(): void {
    this.#stop();
    this.#go(this.#commits.length - 1);
  }

  /** Reads what is new of the history; the place in it stays the same. */
  async refresh(): Promise<void> {
    const known = this.#commits.at(-1);
    if (this.#reading || document.hidden || known?.revision === this.#revision()) return;
    this.#reading = true;
    const newestFirst = await this.#api.history(known?.cursor).catch(() => undefined);
    this.#reading = false;
    if (!newestFirst) return;
    const found = newestFirst.findIndex(({ cursor }) => cursor === known?.cursor);
    // Not found: it was trimmed meanwhile, or is of another history.
    this.#commits = found < 0 ? [] : this.#commits;
    const fresh = found < 0 ? newestFirst : newestFirst.slice(0, found);
    this.#commits = [...this.#commits, ...fresh.reverse()].slice(-MOST);
    this.#slider.max = String(Math.max(0, this.#commits.length - 1));
    const index = this.#commits.findIndex(({ cursor }) => cursor === this.#at);
    this.#slider.value = String(index < 0 ? this.#commits.length - 1 : index);
    this.#draw();
    this.#write();
  }

  #go(index: number): void {
    const commit = index >= this.#commits.length - 1 ? undefined : this.#commits[index];
    this.#slider.value = String(commit ? index : this.#commits.length - 1);
    if (commit?.cursor === this.#at) return;
    this.#at = commit?.cursor;
    this.#write();
    this.#onTravel(commit);
  }

  #start(): void {
    // From the start when there is nothing ahead; a long history in larger steps.
    if (this.#at === undefined) this.#go(0);
    const step = Math.max(1, Math.round(this.#commits.length / 250));
    this.#player = setInterval(() => {
      const next = Number(this.#slider.value) + step;
      if (next >= this.#commits.length - 1) return this.live();
      this.#go(next);
    }, STEP);
    this.#play.dataset['playing'] = 'true';
    this.#play.setAttribute('aria-label', 'Stop playing the history');
  }

  #stop(): void {
    clearInterval(this.#player);
    this.#player = undefined;
    delete this.#play.dataset['playing'];
    this.#play.setAttribute('aria-label', 'Play the history');
  }

  #write(): void {
    const commit = this.#commits.find(({ cursor }) => cursor === this.#at);
    document.documentElement.dataset['time'] = commit ? 'past' : 'now';
    const text = commit
      ? `r${commit.revision.toLocaleString('en')} · ${timeOf(commit.committedAt)} · ${commit.by ?? commit.origin}`
      : 'Now';
    this.#text.textContent = text;
    this.#slider.setAttribute('aria-valuetext', text);
  }

  /** How much each stretch of the history changed. */
  #draw(): void {
    const count = Math.min(BARS, this.#commits.length);
    const sums = new Array<number>(count).fill(0);
    for (const [i, { tiles, compositors }] of this.#commits.entries())
      sums[Math.floor((i * count) / this.#commits.length)]! += tiles + compositors;
    const most = Math.max(1, ...sums);
    while (this.#bars.childElementCount < count) this.#bars.append(document.createElement('i'));
    while (this.#bars.childElementCount > count) this.#bars.lastElementChild!.remove();
    for (const [i, sum] of sums.entries()) {
      // By the logarithm: one large commit would flatten all the others.
      const share = Math.log1p(sum) / Math.log1p(most);
      (this.#bars.children[i] as HTMLElement).style.setProperty('--share', share.toFixed(3));
    }
  }
}

function timeOf(instant: string): string {
  const date = new Date(instant);
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString() : date.toLocaleString();
}
