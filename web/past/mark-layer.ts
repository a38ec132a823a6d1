import { packed } from '../colours/colour.ts';
import type { Theme } from '../colours/theme.ts';
import { cellOf, widened } from '../map/rectangle.ts';
import type { Differences } from '../page/api.ts';
import { CORNER, Quads } from '../plane/quads.ts';
import type { Marks } from './comparison.ts';
import { MARK_COLOURS, mostOf, type Kind } from './mark-colours.ts';

/** The signs that the shader draws. */
const SIGNS: Readonly<Record<Kind, number>> = { added: 0, changed: 1, removed: 2 };
const VEIL = 3;
const VEIL_ALPHA = 0.62;
/** The fewest differences of an area that has any show this much. */
const FAINTEST = 0.45;

const VERTEX = `#version 300 es
precision highp float;
in vec2 aCell;
in float aSize;
in vec4 aColour;
in float aSign;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
out vec2 vPlace;
out vec4 vColour;
flat out float vSign;
void main() {
  vPlace = ${CORNER} * 2.0 - 1.0;
  vColour = aColour;
  vSign = aSign;
  mat3 all = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((all * vec3(aCell + ${CORNER} * aSize, 1.0)).xy, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 vPlace;
in vec4 vColour;
flat in float vSign;
uniform vec3 uPaper;
out vec4 finalColor;

float bar(vec2 at, vec2 half_, float pixel) {
  vec2 edge = abs(at) - half_;
  return clamp(0.5 - max(edge.x, edge.y) / pixel, 0.0, 1.0);
}

void main() {
  if (vSign > 2.5) { finalColor = vec4(vColour.rgb * vColour.a, vColour.a); return; }
  float pixel = max(fwidth(vPlace.x), 1e-5);
  float inset = clamp(pixel * 0.5, 0.028, 0.25);
  float inside = bar(vPlace, vec2(1.0 - inset), pixel);
  vec3 colour = vColour.rgb;
  // A sign as well as a colour, which not everybody can tell from the others: once it is large enough to be seen.
  float clear = clamp((0.17 - pixel) / 0.08, 0.0, 1.0);
  float across = bar(vPlace, vec2(0.42, 0.1), pixel);
  float sign = vSign < 0.5 ? max(across, bar(vPlace, vec2(0.1, 0.42), pixel))
    : vSign < 1.5 ? clamp(0.5 - (abs(length(vPlace) - 0.32) - 0.09) / pixel, 0.0, 1.0)
    : across;
  colour = mix(colour, uPaper, sign * clear * 0.9);
  float alpha = vColour.a * inside;
  finalColor = vec4(colour * alpha, alpha);
}`;

/** Draws what differs between two moments: added, changed, removed, each in its colour and with its sign; all else pales. */
export class MarkLayer {
  readonly quads = new Quads({
    vertex: VERTEX,
    fragment: FRAGMENT,
    attributes: { aCell: 2, aSize: 1, aColour: 'bytes', aSign: 1 },
    uniforms: { uPaper: { value: new Float32Array(3), type: 'vec3<f32>' } },
  });
  #marks: Marks | undefined;
  #theme: Theme | undefined;

  /** How many places differ on the screen and around it. */
  get size(): number {
    return Math.max(0, this.quads.count - 1);
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.quads.uniforms['uPaper'] = new Float32Array(theme.paper);
    this.#build();
  }

  /** Undefined: none. */
  show(marks: Marks | undefined): void {
    this.#marks = marks;
    this.#build();
  }

  #build(): void {
    const { quads } = this;
    const [marks, theme] = [this.#marks, this.#theme];
    if (!marks || !theme) return quads.show(0);
    const areas = Object.entries(marks.areas);
    quads.reserveMore(0, areas.length + 1);
    const wide = widened(marks.rect, 2);
    // Positions are 24-bit floats: relative to the middle of the screen they are exact enough.
    const x = Math.round((marks.rect.x1 + marks.rect.x2) / 2);
    const y = Math.round((marks.rect.y1 + marks.rect.y2) / 2);
    quads.mesh.position.set(x, y);
    const size = Math.max(wide.x2 - wide.x1, wide.y2 - wide.y1) + 1;
    this.#quad(0, {
      x: wide.x1 - x,
      y: wide.y1 - y,
      size,
      colour: packed(theme.paper, VEIL_ALPHA),
      sign: VEIL,
    });
    const side = 2 ** marks.zoom;
    for (const [i, [name, differences]] of areas.entries()) {
      const [ax, ay] = cellOf(name);
      const kind = mostOf(differences);
      const colour = packed(MARK_COLOURS[theme.name][kind], alphaOf(differences, marks.zoom));
      this.#quad(i + 1, { x: ax * side - x, y: ay * side - y, size: side, colour, sign: SIGNS[kind] });
    }
    quads.show(areas.length + 1);
  }

  #quad(
    index: number,
    { x, y, size, colour, sign }: { x: number; y: number; size: number; colour: number; sign: number },
  ): void {
    const { floats, bytes, words } = this.quads;
    const at = index * words;
    floats[at] = x;
    floats[at + 1] = y;
    floats[at + 2] = size;
    bytes[at + 3] = colour;
    floats[at + 4] = sign;
  }
}

/** Areas in which more differs are clearer. */
function alphaOf({ added, changed, removed }: Differences, zoom: number): number {
  const share = Math.log1p(added + changed + removed) / Math.log1p(4 ** zoom);
  return FAINTEST + (0.95 - FAINTEST) * Math.min(1, share);
}
