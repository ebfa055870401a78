import { classifyPicture } from './classify-picture.ts'
import { type Decoded, openPicture, type Picture, type RawPicture, rawOf, sharpOf } from './decode-picture.ts'
import { planRenditions, resized, writeWithin } from './encode-renditions.ts'
import { withLook } from './lay-look.ts'
import { mainColorOf } from './main-color.ts'
import {
  isSideways,
  planRegion,
  planTurn,
  type Region,
  type Size,
  scaled,
  storedRegion,
} from './picture-geometry.ts'
import { perceptualHashOf, thumbhashOf } from './picture-hashes.ts'
import type { RenderOutcome, RenderRequest, RenditionName, WrittenFile } from './protocol.ts'
import { readExif } from './read-exif.ts'
import { readMaster } from './read-master.ts'
import { straighten } from './straighten-picture.ts'

const hashSide = 64

type Rendered = Omit<RenderOutcome<WrittenFile<RenditionName>>, 'cpuMs'>

/** Master in, renditions out: decoded once, every size encoded from that. */
export async function renderPhoto(request: RenderRequest): Promise<Rendered> {
  const picture = await openPicture(await readMaster(request.masterPath))
  try {
    const decoded = await decodeLarge(picture, request)
    const wholeHash = perceptualHashOf(decoded.whole)
    const large = withLook(decoded.raw, request)
    const { renditions, smallest } = await planRenditions(large, request.purpose)
    const files: WrittenFile<RenditionName>[] = []
    for (const rendition of renditions) files.push(await writeWithin(request.outDir, rendition))
    const classification = request.classify && (await classifyPicture(smallest, request.classify))
    const scale = Math.min(1, hashSide / Math.max(smallest.width, smallest.height))
    const tiny = await resized(smallest, scaled(smallest, scale))
    return {
      format: picture.format,
      sourceWidth: picture.upright.width,
      sourceHeight: picture.upright.height,
      width: large.width,
      height: large.height,
      files,
      thumbhash: thumbhashOf(tiny),
      color: await mainColorOf(tiny),
      perceptualHash: perceptualHashOf(tiny),
      wholeHash,
      exif: await readExif(picture.exif, picture.xmp),
      ...(classification ? { classification } : {}),
    }
  } finally {
    picture.dispose()
  }
}

async function decodeLarge(picture: Picture, request: RenderRequest): Promise<Decoded> {
  const { purpose, crop, fit, edits } = request
  const framing = { purpose, crop, fit }
  const degrees = edits?.straighten ?? 0
  if (degrees !== 0) {
    const plan = planTurn(picture.upright, framing, degrees)
    const { raw, whole } = await decodeUpright(picture, plan.region, plan.decoded)
    return { raw: straighten(raw, plan, degrees), whole }
  }
  const { region, large } = planRegion(picture.upright, framing)
  return decodeUpright(picture, region, large)
}

async function decodeUpright(picture: Picture, region: Region, size: Size): Promise<Decoded> {
  const { upright, orientation } = picture
  const stored: Size = isSideways(orientation) ? { width: size.height, height: size.width } : size
  const { raw, whole } = await picture.decode(storedRegion(region, upright, orientation), stored)
  return {
    raw: await turnUpright(await withoutNeedlessAlpha(raw), orientation),
    whole: await turnUpright(whole, orientation),
  }
}

/** Turning 1,080 pixels instead of the master's. Transposed orientations are a turn and a mirroring. */
async function turnUpright(raw: RawPicture, orientation: number): Promise<RawPicture> {
  if (orientation === 1) return raw
  const angles: Record<number, number> = { 3: 180, 5: 90, 6: 90, 7: 270, 8: 270 }
  const turned = angles[orientation] ? await rawOf(sharpOf(raw).rotate(angles[orientation])) : raw
  if (orientation === 2 || orientation === 5 || orientation === 7) return rawOf(sharpOf(turned).flop())
  return orientation === 4 ? rawOf(sharpOf(turned).flip()) : turned
}

/** Screenshots carry an alpha channel that is full everywhere: a quarter more bytes for nothing. */
async function withoutNeedlessAlpha(raw: RawPicture): Promise<RawPicture> {
  const { data, channels } = raw
  if (channels === 1 || channels === 3) return raw
  for (let at = channels - 1; at < data.length; at += channels) {
    if (data[at] !== 255) return raw
  }
  return rawOf(sharpOf(raw).removeAlpha())
}
