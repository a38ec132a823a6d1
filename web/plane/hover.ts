import { cssOf } from '../colours/colour.ts';
import { element, nameOf, plural } from '../page/dom.ts';
import type { AgeOf } from '../page/age.ts';
import type { Plane } from './plane.ts';
import type { AreaSquare } from '../map/area-map.ts';
import { UNCHANGED, type Cell } from '../map/cell.ts';
import type { Owner, Palette } from '../colours/palette.ts';
import type { Scene } from '../map/scene.ts';

/** Below this many pixels, cells and areas are too small to point at. */
const MIN_ZOOM = 3;

export interface HoverOptions {
  readonly host: HTMLElement;
  readonly tooltip: HTMLElement;
  readonly plane: Plane;
  readonly scene: Scene;
  readonly palette: Palette;
  /** How long ago a time was: now, or at the moment that is shown. */
  readonly ageOf: AgeOf;
}

/** A tooltip for the tile under the pointer: brick, owner, cell, revision, age. Zoomed out, for the area: who has how many tiles in it. */
export class Hover {
  readonly #options: HoverOptions;
  #at: { x: number; y: number } | undefined;
  #target: Cell | AreaSquare | undefined;
  /** Whether what begins at this cell is open in the panel. */
  isOpen: (x: number, y: number) => boolean = () => false;

  constructor(options: HoverOptions) {
    this.#options = options;
    const { host } = options;
    host.addEventListener('pointermove', ({ clientX, clientY, pointerType }) => {
      // A finger points at nothing: it taps.
      this.#at = pointerType === 'touch' ? undefined : { x: clientX, y: clientY };
      this.update();
    });
    host.addEventListener('pointerleave', () => {
      this.#at = undefined;
      this.update();
    });
  }

  /** Also called when the map moves under the pointer. */
  update(): void {
    const under = this.#at && this.#targetAt(this.#at.x, this.#at.y);
    // What is open in the panel says all that there is to say.
    const target = under && !this.isOpen(under.x, under.y) ? under : undefined;
    if (target && target !== this.#target)
      this.#options.tooltip.replaceChildren(
        ...('area' in target ? this.#areaLines(target) : this.#tileLines(target)),
      );
    this.#target = target;
    this.#options.tooltip.hidden = !target;
    if (!target || !this.#at) return;
    const { x, y } = this.#at;
    const { offsetWidth, offsetHeight } = this.#options.tooltip;
    const left = x + 18 + offsetWidth > innerWidth ? x - 14 - offsetWidth : x + 18;
    const top = Math.min(y + 18, innerHeight - offsetHeight - 8);
    this.#options.tooltip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }

  #targetAt(screenX: number, screenY: number): Cell | AreaSquare | undefined {
    const { plane, scene } = this.#options;
    const { left, top, scaled } = plane.viewport;
    const [x, y] = [Math.floor(left + screenX / scaled), Math.floor(top + screenY / scaled)];
    if (scaled * 2 ** scene.areas.zoom < MIN_ZOOM) return undefined;
    return scene.areas.zoom > 0 ? scene.areas.at(x, y) : scene.get(x, y);
  }

  #areaLines({ x, y, area }: AreaSquare): HTMLElement[] {
    const { palette, scene } = this.#options;
    const rest = 2 ** scene.areas.zoom - 1;
    const owners = area.owners.map(([id, tiles]) => {
      const line = ownerLine(palette.ownerOf(id));
      line.append(element('span', 'tooltip-count', tiles.toLocaleString('en')));
      return line;
    });
    const facts = `${x}, ${y} to ${x + rest}, ${y + rest}  ·  ${this.#options.ageOf(area.timestamp * 1000)}`;
    return [
      element('div', 'tooltip-brick', plural(area.tiles, 'tile')),
      ...owners,
      element('div', 'tooltip-facts', facts),
    ];
  }

  #tileLines({ tile, owner, x, y, revision, change }: Cell): HTMLElement[] {
    // A tile that the page did not see change is as old as this revision, or older.
    const since = `${change === UNCHANGED ? '≤ ' : ''}r${revision.toLocaleString('en')}`;
    const facts = `${x}, ${y}  ·  ${since}  ·  ${this.#options.ageOf(tile.timestamp * 1000)}`;
    return [nameOf(tile.brick, 'tooltip-brick'), ownerLine(owner), element('div', 'tooltip-facts', facts)];
  }
}

function ownerLine(owner: Owner): HTMLElement {
  const line = element('div', 'tooltip-owner');
  const chip = element('i', 'chip');
  chip.style.setProperty('--colour', cssOf(owner.colour));
  line.append(chip, nameOf(owner.name));
  return line;
}
