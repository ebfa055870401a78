import type { Edits } from '@heliograph/contract/edits'
import { applyLook, type Look, lookOf } from '@heliograph/contract/look'
import type { RawPicture } from './decode-picture.ts'

/** Filter and adjustments on what will be the largest rendition; the others are made from it. */
export function withLook(
  raw: RawPicture,
  { filter, edits }: { filter?: string | undefined; edits?: Edits | undefined },
): RawPicture {
  const look = edits ? lookOf(filter ?? null, edits) : plainLook(filter)
  if (!look) return raw
  const { data, width, height, channels } = inColor(raw)
  applyLook({ data, width, height, channels }, look)
  return { data, width, height, channels }
}

const plainLooks = new Map<string, Look>()

/** Filters as they are, which most people use: each is worked out once. */
function plainLook(filter: string | undefined): Look | undefined {
  if (filter === undefined) return undefined
  const look = plainLooks.get(filter) ?? lookOf(filter, null)
  if (look) plainLooks.set(filter, look)
  return look
}

/** A grey picture may become one in colour. */
function inColor(raw: RawPicture): RawPicture & { channels: 3 | 4 } {
  const { data, width, height, channels } = raw
  if (channels === 3 || channels === 4) return { ...raw, channels }
  const wider = channels === 1 ? 3 : 4
  const colored = Buffer.alloc(width * height * wider)
  for (let pixel = 0; pixel < width * height; pixel++) {
    colored.fill(data[pixel * channels]!, pixel * wider, pixel * wider + 3)
    if (channels === 2) colored[pixel * wider + 3] = data[pixel * channels + 1]!
  }
  return { data: colored, width, height, channels: wider }
}
