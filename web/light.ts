import type { LiveState } from './live.ts';

const WORDS: Readonly<Record<string, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  degraded: 'Store away',
  offline: 'Offline',
  closed: 'Closed',
};

/** Whether the map is live, at which revision, how late it is, and how smoothly it is drawn. */
export class Light {
  readonly #root: HTMLElement;
  readonly #word: HTMLElement;
  readonly #numbers: HTMLElement;
  readonly #announce: (text: string) => void;
  #state: LiveState = { state: 'connecting', revision: 0, delay: undefined };
  #past: number | undefined;
  #frames = 0;
  #since = performance.now();
  fps = 0;

  constructor(options: {
    root: HTMLElement;
    word: HTMLElement;
    numbers: HTMLElement;
    announce: (text: string) => void;
  }) {
    this.#root = options.root;
    this.#word = options.word;
    this.#numbers = options.numbers;
    this.#announce = options.announce;
  }

  show(state: LiveState): void {
    if (state.state !== this.#state.state) this.#announce(`Connection: ${WORDS[state.state] ?? state.state}`);
    this.#state = state;
  }

  /** The revision of the past that is shown; undefined: it is live. */
  past(revision: number | undefined): void {
    this.#past = revision;
    this.#write();
  }

  /** To be called with each frame. */
  frame(now: number): void {
    this.#frames += 1;
    if (now - this.#since < 500) return;
    this.fps = Math.round((this.#frames * 1000) / (now - this.#since));
    this.#frames = 0;
    this.#since = now;
    this.#write();
  }

  #write(): void {
    const { state, revision, delay } = this.#state;
    const shown = this.#past === undefined ? state : 'past';
    this.#root.dataset['state'] = shown;
    this.#word.textContent = shown === 'past' ? 'Past' : (WORDS[state] ?? state);
    const parts = [`r${(this.#past ?? revision).toLocaleString('en')}`];
    if (delay !== undefined && shown === 'live') parts.push(delayOf(delay));
    parts.push(`${this.fps} fps`);
    this.#numbers.textContent = parts.join('  ·  ');
  }
}

function delayOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
