import type { LinkedMoment } from '../page/deep-link.ts';
import type { HistoryBars } from './history-bars.ts';
import type { CommitList } from './commit-list.ts';
import { ApiError } from '../page/api.ts';
import { revisionOf, revisionText, timeText, type Moment } from './moment.ts';
import { nextSpeed, Player, speedFor } from './player.ts';

/** Milliseconds between two reads of the history. */
const REFRESH_INTERVAL = 3000;
/** Pages of older commits that are read to find a time. */
const MOST_PAGES = 50;

export interface TimelineOptions {
  readonly root: HTMLElement;
  readonly slider: HTMLInputElement;
  readonly bars: HistoryBars;
  readonly time: HTMLElement;
  readonly detail: HTMLElement;
  readonly live: HTMLButtonElement;
  readonly play: HTMLButtonElement;
  readonly speed: HTMLButtonElement;
  readonly back: HTMLButtonElement;
  readonly forward: HTMLButtonElement;
  readonly commits: CommitList;
  /** The cursor of the live map. */
  readonly head: () => string | undefined;
  /** By the daemon's clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Whether the moment that was travelled to is shown. */
  readonly isShown: () => boolean;
  readonly say: (text: string) => void;
  /** The commits that are known here are others. */
  readonly onCommits: () => void;
  /** Whether the daemon has commits before this one. Rejects when it does not know it. */
  readonly hasOlder: (cursor: string) => Promise<boolean>;
  /**
   * Called with the moment to show; undefined: back to the live map. `isStep`: somebody entered or left the past here, which Back undoes;
   * not so when they move within it, or follow a link.
   */
  readonly onTravel: (moment: Moment | undefined, isStep: boolean) => void;
}

/** The slider through the history: each step is a commit, the last one is the live map. */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #player: Player;
  #moment: Moment | undefined;
  /** The cursor of a moment before all that the daemon has: after it comes the oldest commit. */
  #beforeAll: string | undefined;
  #speedChosen = false;

  constructor(options: TimelineOptions) {
    this.#options = options;
    const { slider, live, play, speed, back, forward } = options;
    this.#player = new Player({
      onStep: (commits) => this.#play(commits),
      isReady: () => this.#options.isShown(),
      onState: (playing) => this.#playing(playing),
    });
    slider.addEventListener('input', () => {
      this.#player.stop();
      this.#go(Number(slider.value));
    });
    live.addEventListener('click', () => this.live());
    play.addEventListener('click', () => this.toggle());
    back.addEventListener('click', () => void this.step(-1));
    forward.addEventListener('click', () => void this.step(1));
    speed.addEventListener('click', () => {
      this.#speedChosen = true;
      this.#setSpeed(nextSpeed(this.#player.speed));
    });
    this.#setSpeed(1);
  }

  /** The moment travelled to; undefined while the map is live. */
  get moment(): Moment | undefined {
    return this.#moment;
  }

  get commits(): number {
    return this.#options.commits.length;
  }

  start(): void {
    setInterval(() => void this.#refresh(), REFRESH_INTERVAL);
    void this.#refresh();
  }

  live(): void {
    this.#player.stop();
    if (this.#moment) this.#travel(undefined);
  }

  /** One commit back (-1) or on (1). */
  async step(by: -1 | 1): Promise<void> {
    this.#player.stop();
    const { commits, head } = this.#options;
    const now = head();
    // What has just come may not be in the list, and one step back from the live map would be several.
    for (let reads = 0; reads < 2 && !this.#moment && commits.indexOf(now) < 0; reads++)
      await this.#refresh();
    const here = this.#moment ? commits.indexOf(this.#moment.cursor) : commits.length - 1;
    if (here >= 0 || (by > 0 && this.#isBeforeAll)) this.#go(Math.max(0, here + by));
  }

  toggle(): void {
    if (this.#player.isPlaying) this.#player.stop();
    else this.#start();
  }

  /** Goes to the moment of a link; undefined: to the live map. */
  async goTo(moment: LinkedMoment | undefined): Promise<void> {
    this.#player.stop();
    if (!moment) return this.#travel(undefined, false);
    const { commits, onTravel } = this.#options;
    if ('cursor' in moment) {
      const { cursor } = moment;
      const known = commits.at(commits.indexOf(cursor));
      return this.#travel(known ?? { cursor, revision: revisionOf(cursor), committedAt: null }, false);
    }
    const index = await this.#indexAt(moment.time);
    // Without any the link leads to the live map, which waits for it.
    if (index === undefined) onTravel(undefined, false);
    else this.#go(index, false);
  }

  /** The cursor of a link's moment; undefined: there is no commit. */
  async cursorOf(moment: LinkedMoment): Promise<string | undefined> {
    if ('cursor' in moment) return moment.cursor;
    const index = await this.#indexAt(moment.time);
    return index === undefined ? undefined : this.#options.commits.at(index)?.cursor;
  }

  /** The last commit by then, or else the oldest one; undefined: there is none. */
  async #indexAt(time: number): Promise<number | undefined> {
    const { commits, say, now } = this.#options;
    await this.#refresh();
    let pages = 0;
    while (commits.indexAt(time) < 0 && pages < MOST_PAGES && (await this.#loadOlder())) pages += 1;
    const index = commits.indexAt(time);
    if (commits.length === 0) return undefined;
    if (index < 0) {
      const when = timeText(new Date(time).toISOString(), now());
      say(`The history does not reach back to ${when}. This is the oldest moment in it.`);
    }
    return Math.max(0, index);
  }

  /** What the daemon says of the moment that is shown now. */
  shown(moment: Moment): void {
    if (this.#moment?.cursor !== moment.cursor) return;
    this.#moment = { by: this.#moment.by, ...moment };
    this.#write();
    // The browser may have kept what the daemon has trimmed.
    if (this.#options.commits.indexOf(moment.cursor) < 0) void this.#place();
  }

  /** The daemon does not know the moment, or not any more; `oldest` is the first that it knows. `instead`: what the page shows now. */
  gone(cursor: string, oldest: string | undefined, instead: string): void {
    this.#options.say(`${this.#forget(cursor, oldest)} ${instead}`);
    this.#player.stop();
    this.#travel(undefined, false);
    this.#draw();
  }

  /** Forgets what the daemon has no more. Returns the sentence that says so. */
  #forget(cursor: string, oldest: string | undefined): string {
    const { commits, now } = this.#options;
    const revision = revisionText(revisionOf(cursor));
    const isTrimmed = oldest !== undefined && revisionOf(cursor) < revisionOf(oldest);
    if (!isTrimmed) return `${revision} is of another history: this daemon has started over.`;
    commits.trim(oldest);
    const first = commits.at(0);
    const since = first ? `, ${timeText(first.committedAt, now())}` : '';
    return `${revision} is no longer in the history, which begins at ${revisionText(revisionOf(oldest))}${since}.`;
  }

  get #isBeforeAll(): boolean {
    return this.#moment !== undefined && this.#moment.cursor === this.#beforeAll;
  }

  /** Finds out whether the moment on the screen is still in the history. If not it stays, for it is still true, and the page says so. */
  async #place(): Promise<void> {
    const { commits, isShown, say, hasOlder } = this.#options;
    const cursor = this.#moment?.cursor;
    if (cursor === undefined || this.#isBeforeAll || commits.length === 0 || !isShown()) return;
    try {
      if (await hasOlder(cursor)) return;
      this.#beforeAll = cursor;
    } catch (error) {
      // Without an answer the next look finds out.
      if (!(error instanceof ApiError) || error.status !== 410 || this.#moment?.cursor !== cursor) return;
      if (this.#beforeAll === cursor) return;
      this.#beforeAll = cursor;
      say(this.#forget(cursor, error.oldest));
    }
    this.#draw();
  }

  /** Reads the new commits; the slider stays at its commit. */
  async #refresh(): Promise<void> {
    const { commits, head } = this.#options;
    if (document.hidden || (commits.length > 0 && commits.at(commits.length - 1)?.cursor === head())) return;
    if (!(await commits.refresh())) return;
    this.#draw();
    // What came may have pushed out the moment shown.
    await this.#place();
  }

  /** Returns whether there were any. */
  async #loadOlder(): Promise<boolean> {
    const found = await this.#options.commits.loadOlder();
    if (found > 0) this.#draw();
    return found > 0;
  }

  #draw(): void {
    const { slider, bars, commits } = this.#options;
    bars.draw(commits.all);
    slider.max = String(Math.max(0, commits.length - 1));
    slider.disabled = commits.length < 2;
    this.#write();
    this.#options.onCommits();
  }

  #go(index: number, isStep = true): void {
    const { commits } = this.#options;
    // Somebody who goes to the very beginning may want to go on.
    if (index === 0) void this.#loadOlder();
    this.#travel(index >= commits.length - 1 ? undefined : commits.at(index), isStep);
  }

  #travel(moment: Moment | undefined, isStep = true): void {
    const before = this.#moment;
    if (moment && moment.cursor === before?.cursor) return this.#write();
    this.#moment = moment;
    this.#write();
    this.#options.onTravel(moment, isStep && !moment !== !before);
  }

  #start(): void {
    const { commits } = this.#options;
    if (commits.length < 2) return;
    const here = this.#moment ? commits.indexOf(this.#moment.cursor) : -1;
    // From the beginning, when the map is live.
    if (here < 0) this.#go(0);
    if (!this.#speedChosen) this.#setSpeed(speedFor(commits.length - Math.max(0, here)));
    this.#player.start();
  }

  #setSpeed(speed: number): void {
    this.#player.speed = speed;
    this.#options.speed.textContent = `${speed}×`;
    this.#options.speed.setAttribute('aria-label', `Playback speed ${speed}×`);
  }

  /** Returns false at the end. */
  #play(by: number): boolean {
    const { commits } = this.#options;
    const here = this.#moment ? commits.indexOf(this.#moment.cursor) : -1;
    if (here < 0) return false;
    this.#go(here + by);
    return this.#moment !== undefined;
  }

  #playing(playing: boolean): void {
    const { root, play } = this.#options;
    root.toggleAttribute('data-playing', playing);
    play.setAttribute('aria-label', playing ? 'Stop playing the history' : 'Play the history');
  }

  #write(): void {
    const { slider, time, detail, commits, now, forward, back } = this.#options;
    const index = this.#moment ? commits.indexOf(this.#moment.cursor) : commits.length - 1;
    // That of a link may be known better by now.
    if (this.#moment && index >= 0) this.#moment = commits.at(index);
    const moment = this.#moment;
    document.documentElement.dataset['mode'] = moment ? 'history' : 'live';
    // One that is older than the commits that are known here stands at the left end.
    slider.value = String(Math.max(0, index));
    forward.disabled = !moment || (index < 0 && !this.#isBeforeAll);
    back.disabled = commits.length < 2 || (moment !== undefined && index < 1);
    time.textContent = !moment
      ? 'Now'
      : moment.committedAt === null
        ? ''
        : timeText(moment.committedAt, now());
    const facts = moment ? [revisionText(moment.revision), moment.by ?? ''] : [];
    detail.textContent = facts.filter((fact) => fact !== '').join(' · ');
    slider.setAttribute('aria-valuetext', [detail.textContent, time.textContent].filter(Boolean).join(' · '));
  }
}
