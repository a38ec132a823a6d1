/** How often it takes a step, in milliseconds, and commits a second at speed 1. */
const TICK = 125;
const RATE = 4;

const SPEEDS = [1, 4, 16, 64, 256];

/** The slowest speed that plays so many commits within a minute, or the fastest. */
export function speedFor(commits: number): number {
  return SPEEDS.find((speed) => commits / (RATE * speed) <= 60) ?? SPEEDS.at(-1)!;
}

/** The next faster one; after the fastest the slowest. */
export function nextSpeed(speed: number): number {
  return SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]!;
}

export interface PlayerOptions {
  /** Goes so many commits on. Returns false at the end. */
  readonly onStep: (commits: number) => boolean;
  /** False while the map of the last step is still on its way: the player waits for it. */
  readonly isReady: () => boolean;
  readonly onState: (playing: boolean) => void;
}

/** Plays the history commit by commit, not by time: hours in which nothing happened take none, and at speed 1 every commit is seen. */
export class Player {
  readonly #options: PlayerOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Commits, and parts of one, that are due. */
  #due = 0;
  speed = 1;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    if (this.isPlaying) return;
    this.#due = 0;
    this.#timer = setInterval(() => this.tick(), TICK);
    this.#options.onState(true);
  }

  stop(): void {
    if (!this.isPlaying) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#options.onState(false);
  }

  /** One step of the timer. */
  tick(): void {
    if (!this.#options.isReady()) return;
    this.#due += (RATE * this.speed * TICK) / 1000;
    const commits = Math.floor(this.#due);
    if (commits === 0) return;
    this.#due -= commits;
    if (!this.#options.onStep(commits)) this.stop();
  }
}
