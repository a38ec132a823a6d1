import { packed } from '../colours/colour.ts';
import { CORNER, Quads } from './quads.ts';
import { REMOVED, type Spot } from '../map/cell.ts';

/** The most rings at once: for a commit of thousands of tiles a sample is enough. */
const MAX_PULSES = 160;
const PULSE_SECONDS = 1.4;

const VERTEX = `#version 300 es
precision highp float;
in vec2 aPlace;
in vec4 aColour;
in float aBorn;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
uniform float uTime;
uniform float uZoom;
out vec2 vPlace;
out vec4 vColour;
out float vRadius;
void main() {
  float age = clamp((uTime - aBorn) / ${PULSE_SECONDS.toFixed(1)}, 0.0, 1.0);
  float wide = max(15.0, uZoom * 0.85);
  vRadius = mix(uZoom * 0.5, wide, 1.0 - pow(1.0 - age, 3.0));
  vColour = vec4(aColour.rgb, aColour.a * pow(1.0 - age, 1.5));
  vPlace = (${CORNER} * 2.0 - 1.0) * (wide + 3.0);
  mat3 all = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((all * vec3(aPlace + 0.5 + vPlace / uZoom, 1.0)).xy, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 vPlace;
in vec4 vColour;
in float vRadius;
out vec4 finalColor;
void main() {
  float d = abs(length(vPlace) - vRadius) - 0.75;
  float alpha = vColour.a * clamp(0.75 - d, 0.0, 1.0);
  finalColor = vec4(vColour.rgb * alpha, alpha);
}`;

/** Draws a widening ring where something changed, visible even when a tile is a dot; none for people who prefer reduced motion. */
export class PulseLayer {
  readonly quads = new Quads({
    vertex: VERTEX,
    fragment: FRAGMENT,
    attributes: { aPlace: 2, aColour: 'bytes', aBorn: 1 },
    uniforms: { uTime: { value: 0, type: 'f32' }, uZoom: { value: 1, type: 'f32' } },
  });
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  #pulses: Spot[] = [];
  /** How many rings there have been. */
  drawn = 0;

  add(spot: Spot): void {
    if (this.#reducedMotion.matches) return;
    this.drawn += 1;
    if (this.#pulses.length < MAX_PULSES) this.#pulses.push(spot);
    // A new ring replaces a random old one.
    else this.#pulses[Math.floor(Math.random() * MAX_PULSES)] = spot;
  }

  /** Returns true while there is something to draw. */
  update(zoom: number, now: number): boolean {
    const had = this.#pulses.length > 0;
    if (had) this.#pulses = this.#pulses.filter(({ changedAt }) => now - changedAt < PULSE_SECONDS);
    const { quads } = this;
    quads.uniforms['uTime'] = now;
    quads.uniforms['uZoom'] = zoom;
    const origin = this.#pulses[0];
    if (origin) quads.mesh.position.set(origin.x, origin.y);
    quads.reserveMore(0, this.#pulses.length);
    for (const [i, { x, y, owner, change, changedAt }] of this.#pulses.entries()) {
      const at = i * quads.words;
      quads.floats[at] = x - origin!.x;
      quads.floats[at + 1] = y - origin!.y;
      quads.bytes[at + 2] = change === REMOVED ? packed([0.95, 0.35, 0.35], 0.8) : packed(owner.colour, 0.9);
      quads.floats[at + 3] = changedAt;
    }
    quads.show(this.#pulses.length);
    return had;
  }
}
