import sharp, { type Sharp } from 'sharp'
import { photographs } from '../../../bench/photographs.ts'
import type { PickedFile } from './photographs.ts'

type Paint = (x: number, y: number) => readonly [number, number, number]

/** Twelve pictures that filters treat differently: real photographs, and drawn ones for what those lack. */
export async function twelvePictures(): Promise<PickedFile[]> {
  const real = photographs.map(async ({ name, path }) =>
    jpegOf(name, sharp(path).resize(1400, 1100, { fit: 'cover' })),
  )
  return Promise.all([
    ...real,
    jpegOf('first-photograph-in-colour', await colored(photographs[3]!.path)),
    jpegOf('cat-by-evening-light', await colored(photographs[4]!.path, 40)),
    drawn('sky', 1200, 1500, (_, y) => hsv(205 + 25 * y, 0.7 - 0.6 * y, 0.55 + 0.43 * y)),
    drawn('skins', 1200, 1200, skins),
    drawn('every-colour', 1600, 1000, (x, y) => hsv(360 * x, Math.min(1, 2 * y), Math.min(1, 2.2 - 2 * y))),
    drawn('night', 1080, 1350, night),
    drawn('leaves', 1500, 1000, leaves),
  ])
}

async function jpegOf(name: string, picture: Sharp): Promise<PickedFile> {
  return {
    name: `${name}.jpg`,
    mimeType: 'image/jpeg',
    buffer: await picture.jpeg({ quality: 92 }).toBuffer(),
  }
}

/** Warm where it is light, cool where it is dark, and another hue from edge to edge. */
async function colored(path: string, from = 0): Promise<Sharp> {
  const [width, height] = [1300, 1000]
  const grey = await sharp(path).resize(width, height, { fit: 'cover' }).greyscale().raw().toBuffer()
  return rawOf(width, height, (x, y) => {
    const light = grey[Math.floor(y * height) * width + Math.floor(x * width)]! / 255
    return hsv(from + 30 + 190 * (1 - light) * (0.6 + 0.4 * x), 0.45, light)
  })
}

function drawn(name: string, width: number, height: number, paint: Paint): Promise<PickedFile> {
  return jpegOf(name, rawOf(width, height, paint))
}

function rawOf(width: number, height: number, paint: Paint): Sharp {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const color = paint(x / width, y / height)
      for (let channel = 0; channel < 3; channel++)
        data[at + channel] = Math.max(0, Math.min(255, color[channel]!))
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}

function hsv(hue: number, saturation: number, value: number): [number, number, number] {
  const part = (n: number) => {
    const k = (n + hue / 60) % 6
    return 255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)))
  }
  return [part(5), part(3), part(1)]
}

/** Round heads of six complexions in light from the side. */
const skins: Paint = (x, y) => {
  const tones = [24, 20, 26, 18, 22, 28] as const
  const cell = Math.floor(x * 3) + 3 * Math.floor(y * 2)
  const [u, v] = [(x * 3) % 1, (y * 2) % 1]
  const away = Math.hypot(u - 0.5, v - 0.5)
  if (away > 0.42) return hsv(210, 0.12, 0.5 + 0.3 * v)
  const light = (0.35 + 0.12 * cell) * (1.15 - 0.9 * Math.abs(u - 0.35))
  return hsv(tones[cell]!, 0.32 + 0.05 * (5 - cell), Math.min(1, light + 0.12))
}

const night: Paint = (x, y) => {
  const lamp = (cx: number, cy: number) => Math.exp(-900 * ((x - cx) ** 2 + (y - cy) ** 2))
  const glow = lamp(0.3, 0.4) + lamp(0.6, 0.45) + lamp(0.75, 0.7)
  return [8 + 250 * glow + 14 * y, 10 + 190 * glow + 10 * y, 26 + 110 * glow + 22 * (1 - y)]
}

/** Fine detail everywhere, and the same at each run. */
const leaves: Paint = (x, y) => {
  const wave = Math.sin(90 * x + 20 * Math.sin(30 * y)) * Math.sin(70 * y + 15 * Math.sin(40 * x))
  return hsv(80 + 40 * wave, 0.65, 0.42 + 0.35 * wave)
}
