import { write } from '../page/dom.ts';
import type { LiveState } from '../map/live-state.ts';
import { statusWords, type StoreState } from './status-words.ts';

export interface StatusIndicatorOptions {
  readonly root: HTMLElement;
  readonly text: HTMLElement;
  readonly numbers: HTMLElement;
  readonly detail: HTMLElement;
  readonly announce: (text: string) => void;
}

/** Shows the connection's state, the revision and the delay; and what is wrong, with the next attempt, when something is. */
export class StatusIndicator {
  readonly #options: StatusIndicatorOptions;
  #state: LiveState = {
    state: 'connecting',
    revision: 0,
    delay: undefined,
    problem: undefined,
    nextAttempt: undefined,
  };
  #store: StoreState | undefined;
  #title = '';
  #historyRevision: number | undefined;
  #renders = 0;
  #since = performance.now();
  fps = 0;

  constructor(options: StatusIndicatorOptions) {
    this.#options = options;
  }

  show(state: LiveState): void {
    this.#state = state;
  }

  /** How the daemon's store is. */
  set store(store: StoreState) {
    this.#store = store;
  }

  /** The page shows this revision of the history; undefined: it is live. */
  showHistory(revision: number | undefined): void {
    this.#historyRevision = revision;
    this.#write();
  }

  /** Call it once per animation frame. */
  countRender(now: number): void {
    this.#renders += 1;
    if (now - this.#since < 500) return;
    this.fps = Math.round((this.#renders * 1000) / (now - this.#since));
    this.#renders = 0;
    this.#since = now;
    this.#write();
  }

  #write(): void {
    const { root, text, numbers, detail, announce } = this.#options;
    const words = statusWords(this.#state, this.#store, Date.now(), navigator.onLine);
    if (words.title !== this.#title) {
      // Not at first: the page opens with it.
      if (this.#title !== '') announce(`Connection: ${words.title}. ${words.detail}`);
      this.#title = words.title;
    }
    const past = this.#historyRevision;
    root.dataset['state'] = past === undefined ? words.kind : 'history';
    write(text, past === undefined ? words.title : 'History');
    const parts = [`r${(past ?? this.#state.revision).toLocaleString('en')}`];
    const { delay } = this.#state;
    if (delay !== undefined && past === undefined && words.kind === 'live') parts.push(delayOf(delay));
    write(numbers, parts.join('  ·  '));
    write(detail, words.detail);
    detail.hidden = words.detail === '';
  }
}

function delayOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
