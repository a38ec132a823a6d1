import { CORNER } from './quads.ts';

/** The parts of a square's width that stripes are made of. */
export const SPANS = 255;
/** Pixels that a square is wide at least, so that a single tile on a plane is seen from any height. */
const LEAST_PIXELS = '4.0';

/**
 * `aCell` is the position in cells from the mesh's origin; `aChange` is the change and its time, as in cell.ts. A quad is `uSide` cells
 * wide. `aPattern` is the pattern of a tile; of a stripe in a square of many tiles it is negative, the share of `uSide` that the square
 * is wide. `aSpan`: the stripe's left edge * (SPANS + 1) + its right edge.
 */
export const TILE_VERTEX = `#version 300 es
precision highp float;
in vec2 aCell;
in float aSpan;
in vec4 aColour;
in float aPattern;
in vec2 aChange;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
uniform float uTime;
uniform float uSide;
uniform float uZoom;
out vec2 vPlace;
out vec4 vColour;
flat out float vPattern;
flat out vec4 vPatterns;
flat out float vGlow;
void main() {
  float age = max(uTime - aChange.y, 0.0);
  float grown = 1.0;
  float opacity = 1.0;
  vGlow = 0.0;
  if (aChange.x > 0.5) {
    vGlow = pow(max(0.0, 1.0 - age / 1.6), 2.0);
    float t = min(age / 0.5, 1.0);
    // Grows a little too far and back again.
    if (aChange.x < 1.5) grown = 1.0 + 2.2 * pow(t - 1.0, 3.0) + 1.2 * pow(t - 1.0, 2.0);
    if (aChange.x > 2.5) { opacity = max(0.0, 1.0 - age / 1.2); grown = 0.6 + 0.4 * opacity; vGlow *= 0.5; }
  }
  vPlace = ${CORNER} * 2.0 - 1.0;
  vec2 corner = 0.5 * vPlace * grown + 0.5;
  if (aPattern < 0.0) {
    float pixel = 1.0 / (uSide * uZoom);
    // A pixel between two full squares; and no square is too small to be seen.
    float inset = min(max(0.5 + 0.5 * aPattern, 0.5 * pixel), max(0.0, 0.5 - 0.5 * ${LEAST_PIXELS} * pixel));
    float left = floor(aSpan / ${SPANS + 1}.0) / ${SPANS}.0;
    float right = mod(aSpan, ${SPANS + 1}.0) / ${SPANS}.0;
    vec2 place = vec2(mix(left, right, corner.x), corner.y);
    corner = inset + (1.0 - 2.0 * inset) * place;
  }
  vColour = vec4(aColour.rgb, aColour.a * opacity);
  // The bits choose two shapes, as corners in the texture, and whether they are darker than the tile.
  int bits = int(max(aPattern, 0.0));
  vPatterns = vec4(bits & 15, (bits >> 8) & 7, (bits >> 4) & 15, (bits >> 11) & 7) / vec4(16.0, 8.0, 16.0, 8.0);
  vPattern = aPattern < 0.0 ? -1.0 : float((bits >> 14) & 3);
  mat3 all = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((all * vec3(aCell + corner * uSide, 1.0)).xy, 0.0, 1.0);
}`;

/**
 * A rounded square in the compositor's colour with two shapes on it, one cut out of the other, chosen by the bits of the
 * brick's name. The shapes come from a texture of distances (tile-patterns.ts), so they are sharp at any zoom.
 */
export const TILE_FRAGMENT = `#version 300 es
precision highp float;
in vec2 vPlace;
in vec4 vColour;
flat in float vPattern;
flat in vec4 vPatterns;
flat in float vGlow;
uniform float uDetail;
uniform sampler2D uPatterns;
uniform vec3 uInk;
out vec4 finalColor;

float covered(vec2 corner, vec2 place, float pixel) {
  float distance = texture(uPatterns, corner + place / vec2(16.0, 8.0)).r - 0.5;
  return clamp(0.5 - distance / pixel, 0.0, 1.0);
}

void main() {
  if (vPattern < -0.5) {
    vec3 plain = mix(vColour.rgb, uInk, vGlow * 0.75);
    finalColor = vec4(plain * vColour.a, vColour.a);
    return;
  }
  float pixel = max(fwidth(vPlace.x), 1e-5);
  // The gap between tiles is a pixel or two wide, and never too thin to see.
  float inset = clamp(pixel * 0.5, 0.028, 0.25);
  float round = 0.16 * uDetail;
  vec2 edge = abs(vPlace) - (1.0 - inset - round);
  float d = length(max(edge, 0.0)) + min(max(edge.x, edge.y), 0.0) - round;
  float inside = clamp(0.5 - d / pixel, 0.0, 1.0);
  vec3 colour = vColour.rgb;
  if (uDetail > 0.0) {
    // Half a texel from the edge: otherwise the neighbouring shape of the texture would show.
    vec2 place = clamp(vPlace * 0.5 + 0.5, 0.008, 0.992);
    float a = covered(vPatterns.xy, place, pixel);
    float b = covered(vPatterns.zw, place, pixel);
    float drawn = a + b - 2.0 * a * b;
    vec3 other = vPattern < 0.5 ? mix(colour, vec3(0.03, 0.04, 0.08), 0.5) : mix(colour, vec3(1.0), 0.34);
    float rim = clamp(0.5 - (d + 0.1) / pixel, 0.0, 1.0);
    colour = mix(colour, other, drawn * rim * uDetail);
  }
  colour = mix(colour, uInk, vGlow * 0.75);
  float alpha = vColour.a * inside;
  finalColor = vec4(colour * alpha, alpha);
}`;
