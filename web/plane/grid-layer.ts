import { CORNER, Quads } from './quads.ts';
import type { Theme } from '../colours/theme.ts';

/** Each grid is this many times as wide as the next finer one. */
const STEP = 8;
/** Pixels between two lines below which a grid is hidden, and at which it has its full strength. */
const MIN_SPACING = 14;
const FULL_SPACING = 110;

const VERTEX = `#version 300 es
precision highp float;
in vec4 aLine;
in float aAlpha;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
out float vAlpha;
void main() {
  vAlpha = aAlpha;
  mat3 all = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((all * vec3(aLine.xy + ${CORNER} * aLine.zw, 1.0)).xy, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in float vAlpha;
uniform vec3 uInk;
out vec4 finalColor;
void main() {
  finalColor = vec4(uInk * vAlpha, vAlpha);
}`;

/** Thin lines that show the scale: zooming in fades in a finer grid while the coarser one stays. In screen pixels. */
export class GridLayer {
  readonly quads = new Quads({
    vertex: VERTEX,
    fragment: FRAGMENT,
    attributes: { aLine: 4, aAlpha: 1 },
    uniforms: { uInk: { value: new Float32Array(3), type: 'vec3<f32>' } },
  });
  #count = 0;

  set theme(theme: Theme) {
    this.quads.uniforms['uInk'] = new Float32Array(theme.ink);
  }

  /** `left` and `top` are the cell at the screen's corner, with fractions. */
  update(left: number, top: number, zoom: number, width: number, height: number): void {
    this.#count = 0;
    const first = STEP ** Math.ceil(Math.log(MIN_SPACING / zoom) / Math.log(STEP));
    for (let step = Math.max(1, first), level = 0; level < 3; level++, step *= STEP) {
      const strength = Math.min(1, Math.max(0, (step * zoom - MIN_SPACING) / (FULL_SPACING - MIN_SPACING)));
      const alpha = 0.055 * strength;
      if (alpha < 0.002) continue;
      // A line that a coarser grid draws as well is not drawn twice.
      const own = (index: number) => level === 2 || index % STEP !== 0;
      for (let i = Math.ceil(left / step); (i * step - left) * zoom < width; i++)
        if (own(i)) this.#line((i * step - left) * zoom, 0, 1, height, alpha);
      for (let i = Math.ceil(top / step); (i * step - top) * zoom < height; i++)
        if (own(i)) this.#line(0, (i * step - top) * zoom, width, 1, alpha);
    }
    this.quads.show(this.#count);
  }

  #line(x: number, y: number, width: number, height: number, alpha: number): void {
    this.quads.reserveMore(this.#count, 1);
    const { floats, words } = this.quads;
    const at = this.#count++ * words;
    floats.set([Math.round(x), Math.round(y), width, height, alpha], at);
  }
}
