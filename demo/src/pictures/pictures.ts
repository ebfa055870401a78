import sharp from 'sharp'
import type { Random } from '../random.ts'
import { drawForest, drawMountains } from './land.ts'
import { type Photograph, takePhotograph } from './photographs.ts'
import type { Canvas, Scene } from './scene.ts'
import { drawCityLights, drawSea, drawStars } from './water-and-night.ts'

const scenes: readonly ((canvas: Canvas) => Scene)[] = [
  drawMountains,
  drawSea,
  drawForest,
  drawCityLights,
  drawStars,
]

const sizes = [
  [1440, 1800],
  [1600, 1600],
  [1800, 1440],
  [1920, 1280],
] as const

/** One of the subjects above or a real photograph, about one in three. */
export async function makePicture(random: Random): Promise<Photograph> {
  if (random.chance(0.32)) return takePhotograph(random)
  const [width, height] = random.pick(sizes)
  const scene = random.pick(scenes)({ width, height, random })
  return { jpeg: await develop(scene.svg, width, height, random), altText: scene.altText, tags: scene.tags }
}

/** Vector drawings look drawn; grain, a soft lens and darker corners are what a camera adds. */
async function develop(svg: string, width: number, height: number, random: Random): Promise<Buffer> {
  const noise = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: random.between(7, 13) },
    },
  })
    .raw()
    .toBuffer()
  const corners = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><radialGradient id="v" r="0.78"><stop offset="0.55" stop-opacity="0"/><stop offset="1" stop-opacity="${random.between(0.2, 0.42)}"/></radialGradient><rect width="100%" height="100%" fill="url(#v)"/></svg>`,
  )
  return sharp(Buffer.from(svg))
    .flatten({ background: '#000' })
    .composite([
      { input: noise, raw: { width, height, channels: 3 }, blend: 'soft-light' },
      { input: corners },
    ])
    .jpeg({ quality: 88 })
    .withExif({
      IFD0: { Make: 'Heliograph', Model: 'Demo camera' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '46/1 33/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '8/1 33/1 0/1',
      },
    })
    .toBuffer()
}

/** A face-like mark for a person: initials' colours, not a likeness of anybody. */
export async function makeAvatar(random: Random): Promise<Buffer> {
  const scene = random.pick(scenes)({ width: 1200, height: 1200, random })
  const size = 520
  return sharp(await develop(scene.svg, 1200, 1200, random))
    .extract({
      left: random.whole(0, 1200 - size),
      top: random.whole(260, 1200 - size),
      width: size,
      height: size,
    })
    .jpeg({ quality: 88 })
    .toBuffer()
}
