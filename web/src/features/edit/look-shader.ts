import { tableSide } from '@heliograph/contract/color-table'
import { vignetteShape } from '@heliograph/contract/look'

export const vertexShader = `
attribute vec2 corner;
varying vec2 place;
void main() {
  place = vec2(corner.x + 1.0, 1.0 - corner.y) / 2.0;
  gl_Position = vec4(corner, 0.0, 1.0);
}`

const { from, to, depth } = vignetteShape
const side = tableSide.toFixed(1)

/**
 * The three steps of the contract's look.ts, in its order, for one pixel. The table lies in a texture as it is:
 * red across, green and blue down. Among the simplex of colours around one, Gustavson's ordering ("Simplex noise
 * demystified", 2005) finds the tetrahedron.
 */
export const fragmentShader = `
precision highp float;
varying vec2 place;
uniform sampler2D picture;
uniform sampler2D table;
uniform vec2 pixel;
uniform float sharpen;
uniform float mapped;
uniform float vignette;

float luma(float x, float y) {
  return dot(texture2D(picture, place + pixel * vec2(x, y)).rgb, vec3(0.2126, 0.7152, 0.0722));
}

float blurred() {
  float edges = luma(-1.0, 0.0) + luma(1.0, 0.0) + luma(0.0, -1.0) + luma(0.0, 1.0);
  float corners = luma(-1.0, -1.0) + luma(1.0, -1.0) + luma(-1.0, 1.0) + luma(1.0, 1.0);
  return (4.0 * luma(0.0, 0.0) + 2.0 * edges + corners) / 16.0;
}

vec3 node(vec3 at) {
  return texture2D(table, vec2((at.x + 0.5) / ${side}, (at.y + at.z * ${side} + 0.5) / (${side} * ${side}))).rgb;
}

vec3 map(vec3 color) {
  vec3 at = color * (${side} - 1.0);
  vec3 dark = min(floor(at + 0.0001), ${side} - 2.0);
  vec3 way = at - dark;
  vec3 over = step(way.yzx, way.xyz);
  vec3 under = 1.0 - over;
  vec3 first = min(over.xyz, under.zxy);
  vec3 second = max(over.xyz, under.zxy);
  float most = max(way.x, max(way.y, way.z));
  float least = min(way.x, min(way.y, way.z));
  float middle = way.x + way.y + way.z - most - least;
  return (1.0 - most) * node(dark) + (most - middle) * node(dark + first)
    + (middle - least) * node(dark + second) + least * node(dark + 1.0);
}

void main() {
  vec4 seen = texture2D(picture, place);
  vec3 color = seen.rgb;
  if (sharpen > 0.0) color = clamp(color + sharpen * (luma(0.0, 0.0) - blurred()), 0.0, 1.0);
  if (mapped > 0.0) color = map(color);
  float away = clamp((length(place - 0.5) * 1.41421356 - ${from.toFixed(3)}) / ${(to - from).toFixed(3)}, 0.0, 1.0);
  color *= 1.0 - ${depth.toFixed(3)} * vignette * away * away * (3.0 - 2.0 * away);
  gl_FragColor = vec4(color, seen.a);
}`
