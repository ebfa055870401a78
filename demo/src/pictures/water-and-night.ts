import { blur, glow } from './land.ts'
import { type Canvas, css, frame, gradient, mix, outline, type Rgb, ridge, type Scene } from './scene.ts'

const evenings: readonly (readonly [Rgb, Rgb, Rgb])[] = [
  [
    [40, 54, 98],
    [230, 120, 90],
    [255, 206, 130],
  ],
  [
    [74, 108, 152],
    [214, 180, 170],
    [255, 232, 190],
  ],
  [
    [26, 34, 60],
    [118, 74, 104],
    [240, 150, 110],
  ],
]

/** The sun over the sea and its path of light, broken by waves that grow towards us. */
export function drawSea(canvas: Canvas): Scene {
  const { width, height, random } = canvas
  const [top, middle, low] = random.pick(evenings)
  const horizon = height * random.between(0.42, 0.56)
  const sunX = width * random.between(0.25, 0.75)
  const sunY = horizon - height * random.between(0.03, 0.12)
  const defs =
    gradient('sky', [top, middle, low]) +
    gradient('sea', [mix(low, top, 0.35), mix(middle, top, 0.8), mix(top, [0, 0, 0], 0.45)]) +
    glow(low) +
    blur('soft', 2)
  const body = [
    `<rect width="${width}" height="${horizon}" fill="url(#sky)"/>`,
    `<circle cx="${sunX}" cy="${sunY}" r="${width * 0.55}" fill="url(#glow)"/>`,
    clouds(canvas, horizon, middle),
    `<circle cx="${sunX}" cy="${sunY}" r="${width * 0.035}" fill="${css([255, 244, 214])}" filter="url(#soft)"/>`,
    `<rect y="${horizon}" width="${width}" height="${height - horizon}" fill="url(#sea)"/>`,
    waves(canvas, horizon, sunX, low, top),
  ]
  return {
    svg: frame(canvas, defs, body.join('')),
    altText: 'Low sun over a calm sea, its light a broken path across the water.',
    tags: ['sea', 'sunset', 'coast', 'goldenhour'],
  }
}

function clouds({ width, random }: Canvas, horizon: number, color: Rgb): string {
  const shapes: string[] = []
  for (let i = 0; i < 26; i++) {
    const y = horizon * random.between(0.1, 0.92)
    const wide = width * random.between(0.08, 0.4)
    const tone = css(
      mix(color, random.chance(0.5) ? [255, 240, 220] : [60, 50, 80], 0.5),
      random.between(0.08, 0.3),
    )
    shapes.push(
      `<ellipse cx="${random.between(0, width)}" cy="${y}" rx="${wide}" ry="${wide * random.between(0.03, 0.09)}" fill="${tone}"/>`,
    )
  }
  return `<g filter="url(#soft)">${shapes.join('')}</g>`
}

function waves(
  { width, height, random }: Canvas,
  horizon: number,
  sunX: number,
  light: Rgb,
  dark: Rgb,
): string {
  const lines: string[] = []
  for (let i = 0; i < 420; i++) {
    const near = random.unit() ** 1.6
    const y = horizon + (height - horizon) * near
    const inPath = random.chance(0.55)
    const spread = width * (0.03 + 0.16 * near)
    const x = inPath ? sunX + random.between(-spread, spread) : random.between(0, width)
    const long = width * (0.006 + 0.07 * near) * random.between(0.4, 1.6)
    const color = inPath
      ? css(mix(light, [255, 250, 230], 0.4), random.between(0.25, 0.75))
      : css(dark, random.between(0.05, 0.25))
    lines.push(
      `<ellipse cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" rx="${long.toFixed(1)}" ry="${(0.8 + 5 * near * random.unit()).toFixed(1)}" fill="${color}"/>`,
    )
  }
  return lines.join('')
}

/** Out-of-focus lights of a street, as a fast lens makes them. */
export function drawCityLights(canvas: Canvas): Scene {
  const { width, height, random } = canvas
  const palette: readonly Rgb[] = random.pick<readonly Rgb[]>([
    [
      [255, 190, 110],
      [255, 120, 80],
      [255, 226, 170],
      [120, 170, 255],
    ],
    [
      [255, 90, 120],
      [255, 170, 90],
      [90, 200, 220],
      [240, 240, 255],
    ],
    [
      [255, 214, 140],
      [255, 160, 70],
      [200, 80, 60],
      [160, 220, 190],
    ],
  ])
  const defs =
    gradient('night', [
      [10, 14, 30],
      [24, 20, 36],
      [6, 6, 12],
    ]) +
    blur('lens', 1.6) +
    blur('wet', 16)
  const street = height * random.between(0.58, 0.7)
  const discs: string[] = []
  const mirrored: string[] = []
  for (let i = 0; i < 90; i++) {
    const size = width * random.between(0.008, 0.045)
    const x = random.between(-0.05, 1.05) * width
    const y = street - Math.abs(random.between(-1, 1)) ** 1.5 * street * 0.95
    const color = random.pick(palette)
    discs.push(
      `<circle cx="${x}" cy="${y}" r="${size}" fill="${css(color, random.between(0.12, 0.6))}" stroke="${css(mix(color, [255, 255, 255], 0.4), 0.35)}" stroke-width="1.5"/>`,
    )
    mirrored.push(
      `<ellipse cx="${x}" cy="${street + (street - y) * 0.45}" rx="${size * 0.8}" ry="${size * 3}" fill="${css(color, 0.3)}"/>`,
    )
  }
  const body = `<rect width="${width}" height="${height}" fill="url(#night)"/><g filter="url(#wet)">${mirrored.join('')}</g><g filter="url(#lens)">${discs.join('')}</g>`
  return {
    svg: frame(canvas, defs, body),
    altText: 'Street lights at night, out of focus, as soft coloured discs above a wet road.',
    tags: ['city', 'night', 'bokeh', 'streetphotography'],
  }
}

/** Stars, the band of the Milky Way, a dark ridge below. */
export function drawStars(canvas: Canvas): Scene {
  const { width, height, random } = canvas
  const defs =
    gradient('sky', [
      [6, 10, 26],
      [18, 30, 62],
      [70, 78, 104],
    ]) +
    blur('band', 46) +
    blur('soft', 0.7)
  const tilt = random.between(-55, -25)
  const band: string[] = []
  for (let i = 0; i < 60; i++) {
    const along = random.between(-0.2, 1.2) * width
    const color = random.pick<Rgb>([
      [150, 160, 220],
      [220, 180, 190],
      [240, 230, 210],
    ])
    band.push(
      `<ellipse cx="${along}" cy="${height * 0.5 + random.between(-1, 1) * height * 0.07}" rx="${width * 0.1}" ry="${height * random.between(0.02, 0.07)}" fill="${css(color, 0.16)}"/>`,
    )
  }
  const stars: string[] = []
  for (let i = 0; i < 1500; i++) {
    const bright = random.unit() ** 5
    stars.push(
      `<circle cx="${(random.unit() * width).toFixed(1)}" cy="${(random.unit() * height).toFixed(1)}" r="${(0.5 + bright * 2.4).toFixed(2)}" fill="${css([255, 250 - 30 * random.unit(), 235], 0.25 + 0.7 * random.unit())}"/>`,
    )
  }
  const ground = outline(ridge(random, 7, 0.5), canvas, height * 0.86, height * 0.07)
  const body = `<rect width="${width}" height="${height}" fill="url(#sky)"/><g filter="url(#band)" transform="rotate(${tilt} ${width / 2} ${height / 2})">${band.join('')}</g><g filter="url(#soft)">${stars.join('')}</g><path d="${ground}" fill="${css([5, 7, 14])}"/>`
  return {
    svg: frame(canvas, defs, body),
    altText: 'The Milky Way above the dark outline of hills.',
    tags: ['stars', 'astrophotography', 'milkyway', 'night'],
  }
}
