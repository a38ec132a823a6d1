/** Which compositor the page singles out, and which one the camera follows. */
export class Attention {
  #open: string | undefined;
  #only: string | undefined;
  #followed: string | undefined;
  /** Called for each change. */
  onChange: () => void = () => undefined;

  /** The only one that is shown; undefined: all are. */
  get only(): string | undefined {
    return this.#only;
  }

  /** The one whose changes the camera follows. */
  get followed(): string | undefined {
    return this.#followed;
  }

  /** The one that stands out: the others are pale, or with {@link only} are not there. */
  get lit(): string | undefined {
    return this.#only ?? this.#open;
  }

  /** The one that is open in the panel. */
  set open(id: string | undefined) {
    if (id === this.#open) return;
    this.#open = id;
    this.onChange();
  }

  toggleOnly(id: string): void {
    this.#only = this.#only === id ? undefined : id;
    this.onChange();
  }

  toggleFollow(id: string): void {
    this.#followed = this.#followed === id ? undefined : id;
    this.onChange();
  }

  showAll(): void {
    if (this.#only === undefined) return;
    this.#only = undefined;
    this.onChange();
  }

  stopFollowing(): void {
    if (this.#followed === undefined) return;
    this.#followed = undefined;
    this.onChange();
  }
}
