import type { LiveState } from './live-map.ts';

const LABELS: Readonly<Record<string, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  degraded: 'Store away',
  offline: 'Offline',
  closed: 'Closed',
};

export interface StatusIndicatorOptions {
  readonly root: HTMLElement;
  readonly text: HTMLElement;
  readonly numbers: HTMLElement;
  readonly announce: (text: string) => void;
}

/** Shows the connection's state, the revision, the delay, and the frame rate. */
export class StatusIndicator {
  readonly #options: StatusIndicatorOptions;
  #state: LiveState = { state: 'connecting', revision: 0, delay: undefined };
  #historyRevision: number | undefined;
  #renders = 0;
  #since = performance.now();
  fps = 0;

  constructor(options: StatusIndicatorOptions) {
    this.#options = options;
  }

  show(state: LiveState): void {
    if (state.state !== this.#state.state)
      this.#options.announce(`Connection: ${LABELS[state.state] ?? state.state}`);
    this.#state = state;
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
    const { state, revision, delay } = this.#state;
    const shown = this.#historyRevision === undefined ? state : 'history';
    this.#options.root.dataset['state'] = shown;
    this.#options.text.textContent = shown === 'history' ? 'History' : (LABELS[state] ?? state);
    const parts = [`r${(this.#historyRevision ?? revision).toLocaleString('en')}`];
    if (delay !== undefined && shown === 'live') parts.push(delayOf(delay));
    parts.push(`${this.fps} fps`);
    this.#options.numbers.textContent = parts.join('  ·  ');
  }
}

function delayOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
