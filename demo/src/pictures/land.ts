import { type Canvas, css, frame, gradient, mix, outline, type Rgb, ridge, type Scene } from './scene.ts'

interface Light {
  name: string
  sky: readonly Rgb[]
  far: Rgb
  near: Rgb
  sun: Rgb
}

const lights: readonly Light[] = [
  {
    name: 'at dawn',
    sky: [
      [92, 116, 158],
      [190, 172, 184],
      [250, 205, 160],
    ],
    far: [196, 170, 172],
    near: [38, 40, 58],
    sun: [255, 226, 180],
  },
  {
    name: 'at sunset',
    sky: [
      [56, 62, 110],
      [196, 98, 98],
      [255, 176, 92],
    ],
    far: [206, 124, 104],
    near: [32, 22, 40],
    sun: [255, 220, 150],
  },
  {
    name: 'in the morning fog',
    sky: [
      [176, 192, 200],
      [212, 220, 222],
      [236, 236, 230],
    ],
    far: [204, 212, 214],
    near: [52, 72, 78],
    sun: [255, 252, 240],
  },
  {
    name: 'after rain',
    sky: [
      [70, 96, 124],
      [132, 160, 178],
      [206, 216, 214],
    ],
    far: [150, 174, 184],
    near: [24, 46, 42],
    sun: [240, 244, 240],
  },
  {
    name: 'in the blue hour',
    sky: [
      [18, 30, 66],
      [46, 72, 122],
      [150, 150, 176],
    ],
    far: [98, 116, 158],
    near: [8, 14, 30],
    sun: [214, 214, 236],
  },
]

/** Ridges behind each other, paler with distance as haze makes them. */
export function drawMountains(canvas: Canvas): Scene {
  const { width, height, random } = canvas
  const light = random.pick(lights)
  const layers = random.whole(4, 7)
  const horizon = height * random.between(0.32, 0.5)
  const sunX = width * random.between(0.15, 0.85)
  const sunY = horizon - height * random.between(0.02, 0.12)
  const body = [
    `<rect width="${width}" height="${height}" fill="url(#sky)"/>`,
    `<circle cx="${sunX}" cy="${sunY}" r="${width * 0.5}" fill="url(#glow)"/>`,
    `<circle cx="${sunX}" cy="${sunY}" r="${width * random.between(0.02, 0.04)}" fill="${css(light.sun)}" filter="url(#soft)"/>`,
  ]
  let defs = gradient('sky', light.sky) + glow(light.sun) + blur('soft', 3)
  for (let i = 0; i < layers; i++) {
    const depth = i / (layers - 1)
    const top = mix(light.far, light.near, depth ** 1.3)
    defs += gradient(`layer${i}`, [top, mix(top, light.far, 0.45 * (1 - depth))])
    const base = horizon + (height - horizon) * depth * 0.78
    const path = outline(ridge(random, 8, 0.46 + depth * 0.08), canvas, base, height * (0.1 + 0.06 * depth))
    body.push(`<path d="${path}" fill="url(#layer${i})"/>`)
  }
  return {
    svg: frame(canvas, defs, body.join('')),
    altText: `Mountain ridges one behind the other ${light.name}, the farthest almost as pale as the sky.`,
    tags: ['mountains', 'landscape', 'hiking', 'outdoors'],
  }
}

/** Trunks in fog: the farther, the paler and the thinner. */
export function drawForest(canvas: Canvas): Scene {
  const { width, height, random } = canvas
  const mist: Rgb = random.pick<Rgb>([
    [198, 208, 200],
    [214, 206, 186],
    [178, 194, 204],
  ])
  const bark: Rgb = random.pick<Rgb>([
    [24, 32, 28],
    [40, 30, 24],
  ])
  let defs = gradient('mist', [mix(mist, [255, 255, 255], 0.35), mist, mix(mist, bark, 0.45)])
  const body = [`<rect width="${width}" height="${height}" fill="url(#mist)"/>`]
  for (let layer = 0; layer < 5; layer++) {
    const depth = layer / 4
    const color = css(mix(mist, bark, 0.12 + 0.8 * depth ** 1.4))
    defs += blur(`b${layer}`, (1 - depth) * 5 + 0.6)
    const trunks: string[] = []
    for (let i = 0; i < 14 - layer * 2; i++) trunks.push(trunk(canvas, depth, color))
    body.push(`<g filter="url(#b${layer})">${trunks.join('')}</g>`)
    body.push(
      `<rect width="${width}" height="${height}" y="${height * 0.55}" fill="${css(mist, 0.16 * (1 - depth))}"/>`,
    )
  }
  return {
    svg: frame(canvas, defs, body.join('')),
    altText: 'Straight trunks of a forest that fade into fog.',
    tags: ['forest', 'fog', 'woods', 'quiet'],
  }
}

function trunk({ width, height, random }: Canvas, depth: number, color: string): string {
  const x = random.between(-0.05, 1.05) * width
  const thick = (6 + 46 * depth ** 1.6) * random.between(0.7, 1.3)
  const lean = random.between(-0.02, 0.02) * width
  const ground = height * (0.72 + 0.3 * depth)
  const branches: string[] = []
  for (let i = 0; i < 9; i++) {
    const y = ground * random.between(0.02, 0.6)
    const reach = thick * random.between(2, 6) * random.pick([-1, 1])
    branches.push(
      `<path d="M${x},${y} q${reach * 0.5},${-thick} ${reach},${thick * random.between(-2, 1)}" stroke="${color}" stroke-width="${Math.max(1, thick * 0.12)}" fill="none"/>`,
    )
  }
  return `<path d="M${x - thick / 2},${ground} L${x + lean - thick * 0.3},-10 L${x + lean + thick * 0.3},-10 L${x + thick / 2},${ground} Z" fill="${color}"/>${branches.join('')}`
}

export function glow(color: Rgb): string {
  return `<radialGradient id="glow"><stop offset="0" stop-color="${css(color, 0.85)}"/><stop offset="0.25" stop-color="${css(color, 0.35)}"/><stop offset="1" stop-color="${css(color, 0)}"/></radialGradient>`
}

export function blur(id: string, radius: number): string {
  return `<filter id="${id}" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="${radius.toFixed(2)}"/></filter>`
}
