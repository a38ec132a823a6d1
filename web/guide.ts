import type { Api } from './api.ts';
import type { Camera } from './camera.ts';
import type { Districts } from './districts.ts';
import type { Inventory } from './inventory.ts';
import type { Note } from './note.ts';
import type { Plane } from './plane.ts';
import { boundsOf, contains, type Rectangle } from './rectangle.ts';

const CLOSE = 56;

/** Takes one places: to a cell, a compositor, everything. */
export class Guide {
  readonly #plane: Plane;
  readonly #districts: Districts;
  readonly #inventory: Inventory;
  readonly #api: Api;
  readonly #note: Note;
  #following: boolean;
  #framed: Rectangle | undefined;

  constructor(options: {
    plane: Plane;
    districts: Districts;
    inventory: Inventory;
    api: Api;
    note: Note;
    /** Whether to keep all tiles in sight, until somebody takes the wheel. */
    follow: boolean;
  }) {
    this.#plane = options.plane;
    this.#districts = options.districts;
    this.#inventory = options.inventory;
    this.#api = options.api;
    this.#note = options.note;
    this.#following = options.follow;
  }

  get following(): boolean {
    return this.#following;
  }

  stop(): void {
    this.#following = false;
  }

  /** Where tiles lie may have changed. */
  follow(): void {
    const { bounds } = this.#districts;
    if (!this.#following || !bounds || (this.#framed && contains(this.#framed, bounds))) return;
    const first = this.#framed === undefined;
    this.#framed = bounds;
    const camera = this.#plane.cameraFor(bounds);
    if (first) this.#plane.look(camera);
    else this.#plane.fly(camera);
  }

  to(camera: Camera): void {
    this.stop();
    this.#plane.fly(camera);
  }

  toCell({ x, y }: { x: number; y: number }): void {
    this.to({ x: x + 0.5, y: y + 0.5, zoom: Math.max(this.#plane.camera.zoom, CLOSE) });
  }

  async toCompositor(id: string): Promise<void> {
    const known = this.#districts.of(id);
    // What is in view may be a corner of it.
    const whole = known !== undefined && known.count >= (this.#inventory.of(id)?.tiles ?? Infinity);
    const bounds = whole ? known : await this.#boundsOf({ compositor: id });
    if (bounds) this.to(this.#plane.cameraFor(bounds));
    else this.#note.say('This compositor has no tiles.');
  }

  /** Also what is out of view now, and so unknown to the page. */
  async toEverything(): Promise<void> {
    const bounds = await this.#boundsOf({});
    if (bounds) this.to(this.#plane.cameraFor(bounds));
    else this.#note.say('There are no tiles yet.');
  }

  async #boundsOf(query: Record<string, string>): Promise<Rectangle | undefined> {
    const manifest = await this.#api.manifest(query).catch((error: unknown) => {
      this.#note.say(`The map cannot be read: ${String(error)}`);
      return undefined;
    });
    return manifest && boundsOf(Object.keys(manifest.tiles));
  }
}
