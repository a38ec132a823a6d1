import type { Clusters, Cluster } from './clusters.ts';
import { cssOf } from './colour.ts';
import { element, nameOf } from './dom.ts';

/** The most labels at once. */
const MAX_LABELS = 80;
const HEIGHT = 22;
const GAP = 6;

interface Label {
  readonly root: HTMLElement;
  readonly count: HTMLElement;
  name: string;
  width: number;
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface LabelsOptions {
  readonly host: HTMLElement;
  readonly clusters: Clusters;
}

/** The compositors' names over their tiles. Of two overlapping labels, the one of the larger cluster is shown. */
export class Labels {
  readonly #options: LabelsOptions;
  readonly #labels = new Map<string, Label>();

  constructor(options: LabelsOptions) {
    this.#options = options;
  }

  /** `left` and `top` are the cell at the screen's corner, with fractions. */
  update(left: number, top: number, zoom: number, width: number, height: number): void {
    const placed: Placed[] = [];
    const used = new Set<string>();
    for (const cluster of this.#options.clusters.largestFirst()) {
      if (used.size === MAX_LABELS) break;
      const x1 = (cluster.x1 - left) * zoom;
      const x2 = (cluster.x2 + 1 - left) * zoom;
      const y1 = (cluster.y1 - top) * zoom;
      const y2 = (cluster.y2 + 1 - top) * zoom;
      if (x2 < 0 || y2 < 0 || x1 > width || y1 > height) continue;
      const label = this.#labelOf(cluster);
      const x = Math.min(Math.max((x1 + x2 - label.width) / 2, 12), Math.max(12, width - label.width - 12));
      // Above the tiles, or at the edge of the screen when they begin above it.
      const y = Math.max(y1 - HEIGHT - GAP, Math.min(12, y2 - HEIGHT));
      if (placed.some((other) => overlap(other, x, y, label.width))) continue;
      placed.push({ x, y, width: label.width });
      used.add(cluster.owner.id);
      label.root.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      label.root.hidden = false;
    }
    for (const [id, label] of this.#labels) if (!used.has(id)) label.root.hidden = true;
  }

  #labelOf({ owner, count }: Cluster): Label {
    let label = this.#labels.get(owner.id);
    if (!label || label.name !== owner.name) {
      label?.root.remove();
      const root = element('div', 'label');
      const number = element('span', 'label-count');
      root.append(element('i', 'chip'), nameOf(owner.name), number);
      this.#options.host.append(root);
      label = { root, count: number, name: owner.name, width: 0 };
      this.#labels.set(owner.id, label);
    }
    label.root.style.setProperty('--colour', cssOf(owner.colour));
    label.root.classList.toggle('stale', owner.stale);
    const text = count.toLocaleString('en');
    if (label.count.textContent !== text || label.width === 0) {
      label.count.textContent = text;
      label.root.hidden = false;
      label.width = label.root.offsetWidth;
    }
    return label;
  }
}

function overlap(other: Placed, x: number, y: number, width: number): boolean {
  return x < other.x + other.width + 4 && other.x < x + width + 4 && Math.abs(y - other.y) < HEIGHT + 2;
}
