import type { Clusters, Cluster } from '../map/clusters.ts';
import { cssOf } from '../colours/colour.ts';
import { element, nameOf, plural } from '../page/dom.ts';
import { LabelMark } from './label-mark.ts';
import { LabelPlaces, type Box } from './label-places.ts';
import type { Sighting } from './selection-layer.ts';

/** The most labels at once. */
const MAX_LABELS = 80;
/** Labels that are not shown are kept for when the map moves back, as long as there are no more than this. */
const MOST_KEPT = 240;
/** Where there are more compositors than this, labels cannot keep clear of all tiles, and those would be all that one sees. */
const FEW = 60;
/** Then only tiles that are as wide or as high as this together have one, in pixels. */
const SEEN = 30;
/** No label is narrower than this, in pixels. */
const NARROWEST = 40;
/** Pixels that the pointer may move in a click. */
const CLICK = 5;

interface Label {
  readonly root: HTMLButtonElement;
  readonly count: HTMLElement;
  readonly mark: LabelMark;
  cluster: Cluster;
  name: string;
  width: number;
}

export interface LabelsOptions {
  readonly host: HTMLElement;
  /** What lies below the labels, and is dragged and zoomed through them. */
  readonly canvas: HTMLElement;
  readonly clusters: Clusters;
  /** The panels over the map. */
  readonly covered: () => readonly Box[];
  /** Undefined: it is not registered. */
  readonly statusOf: (id: string) => string | undefined;
  /** Somebody has clicked the label of this cluster, or pressed Enter on it. */
  readonly onPick: (cluster: Cluster) => void;
}

/**
 * The compositors' names over their tiles, as buttons. Of two overlapping labels, the one of the larger cluster is there.
 * They are one stop of the Tab key; arrow keys go from one to the next.
 */
export class Labels {
  readonly #options: LabelsOptions;
  readonly #labels = new Map<string, Label>();
  /** Those on the screen, the largest cluster first. */
  #visible: Label[] = [];
  /** The one that Tab leads to. */
  #current: Label | undefined;

  constructor(options: LabelsOptions) {
    this.#options = options;
    const { host, canvas } = options;
    host.addEventListener('keydown', (event) => this.#key(event));
    // The map moves and zooms also where a label is.
    host.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        canvas.dispatchEvent(new WheelEvent('wheel', event));
      },
      { passive: false },
    );
    host.addEventListener('pointerdown', (event) =>
      canvas.dispatchEvent(new PointerEvent('pointerdown', event)),
    );
  }

  update({ left, top, zoom, width, height }: Sighting): void {
    const seen: { readonly cluster: Cluster; readonly box: Box }[] = [];
    for (const cluster of this.#options.clusters.largestFirst()) {
      const box = {
        x1: (cluster.x1 - left) * zoom,
        x2: (cluster.x2 + 1 - left) * zoom,
        y1: (cluster.y1 - top) * zoom,
        y2: (cluster.y2 + 1 - top) * zoom,
      };
      if (box.x2 >= 0 && box.y2 >= 0 && box.x1 <= width && box.y1 <= height) seen.push({ cluster, box });
    }
    const isCrowded = seen.length > FEW;
    const places = new LabelPlaces({
      screen: { width, height },
      covered: this.#options.covered(),
      tiles: isCrowded ? [] : seen.map(({ box }) => box),
    });
    const visible: Label[] = [];
    for (const { cluster, box } of seen) {
      if (visible.length === MAX_LABELS) break;
      if (isCrowded && Math.max(box.x2 - box.x1, box.y2 - box.y1) < SEEN) continue;
      // Whatever its name: of ten thousand most need no element.
      if (!places.find(box, NARROWEST)) continue;
      const label = this.#labelOf(cluster);
      const spot = places.find(box, label.width);
      if (!spot) continue;
      places.take(spot, label.width);
      visible.push(label);
      label.root.style.transform = `translate(${Math.round(spot.x)}px, ${Math.round(spot.y)}px)`;
      label.root.hidden = false;
    }
    this.#show(visible);
  }

  #show(visible: Label[]): void {
    const shown = new Set(visible);
    this.#visible = visible;
    // A label that has the focus stays until it loses it: else the keyboard would start anew at the top of the page.
    for (const [id, label] of this.#labels) {
      if (shown.has(label) || label.root === document.activeElement) continue;
      label.root.hidden = true;
      if (this.#labels.size > MOST_KEPT) this.#drop(id, label);
    }
    if (!this.#current || !shown.has(this.#current)) this.#choose(visible[0]);
  }

  #drop(id: string, { root }: Label): void {
    root.remove();
    this.#labels.delete(id);
  }

  /** Compositors may have another status. */
  statesChanged(): void {
    // One that looks another way is as wide as it is measured next.
    for (const label of this.#visible) if (this.#mark(label)) label.width = 0;
  }

  #mark({ root, mark, cluster }: Label): boolean {
    const isNew = mark.show(this.#options.statusOf(cluster.owner.id));
    if (isNew) root.title = titleOf(cluster, mark.problem);
    return isNew;
  }

  #choose(label: Label | undefined): void {
    if (this.#current) this.#current.root.tabIndex = -1;
    if (label) label.root.tabIndex = 0;
    this.#current = label;
  }

  #labelOf(cluster: Cluster): Label {
    const { owner, count } = cluster;
    let label = this.#labels.get(owner.id);
    if (label?.name !== owner.name) {
      const focused = label?.root === document.activeElement;
      label?.root.remove();
      this.#labels.set(owner.id, (label = this.#add(cluster)));
      if (focused) label.root.focus();
    }
    label.cluster = cluster;
    const { root } = label;
    root.style.setProperty('--colour', cssOf(owner.colour));
    root.classList.toggle('stale', owner.stale);
    const text = count.toLocaleString('en');
    if (this.#mark(label) || label.count.textContent !== text || label.width === 0) {
      label.count.textContent = text;
      root.title = titleOf(cluster, label.mark.problem);
      root.hidden = false;
      label.width = root.offsetWidth;
    }
    return label;
  }

  #add(cluster: Cluster): Label {
    const { owner } = cluster;
    const root = element('button', 'label');
    root.type = 'button';
    root.tabIndex = -1;
    const count = element('span', 'label-count');
    const mark = new LabelMark(root);
    root.append(element('i', 'chip'), nameOf(owner.name), count, mark.root);
    this.#options.host.append(root);
    const label: Label = { root, count, mark, cluster, name: owner.name, width: 0 };
    let pressed = { x: 0, y: 0 };
    root.addEventListener('pointerdown', ({ clientX, clientY }) => (pressed = { x: clientX, y: clientY }));
    root.addEventListener('click', ({ detail, clientX, clientY }) => {
      // The label moves along with the map: what ends on it may have been a drag. A key has no detail.
      const moved = Math.hypot(clientX - pressed.x, clientY - pressed.y);
      if (detail === 0 || moved <= CLICK) this.#options.onPick(label.cluster);
    });
    root.addEventListener('focus', () => this.#choose(label));
    return label;
  }

  /** From one label to the next, in the direction of an arrow. */
  #key(event: KeyboardEvent): void {
    const direction = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[
      event.key
    ];
    const from = this.#visible.find(({ root }) => root === document.activeElement);
    if (!direction || !from || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = nearest(from, this.#visible, direction as [number, number]);
    next?.root.focus();
  }
}

function titleOf({ count }: Cluster, problem: string): string {
  return `Go to these ${plural(count, 'tile')}${problem === '' ? '' : `. The compositor is ${problem}`}`;
}

/** The nearest label in this direction: what lies beside the way counts twice. */
function nearest(from: Label, labels: readonly Label[], [dx, dy]: [number, number]): Label | undefined {
  const at = from.root.getBoundingClientRect();
  let best: { label: Label; far: number } | undefined;
  for (const label of labels) {
    const box = label.root.getBoundingClientRect();
    const [x, y] = [box.x - at.x, box.y - at.y];
    const along = x * dx + y * dy;
    if (along <= 0) continue;
    const far = along + 2 * Math.abs(x * dy + y * dx);
    if (!best || far < best.far) best = { label, far };
  }
  return best?.label;
}
