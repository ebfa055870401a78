import { explicitness } from '@heliograph/contract/explicitness'
import { type RawPicture, rawOf, sharpOf } from './decode-picture.ts'
import { type PictureModel, quickModel, thoroughModel } from './picture-models.ts'
import type { Classification, ClassifyOptions } from './protocol.ts'

/**
 * What the networks see in a picture. The quick one answers nearly always; only where it is not sure the
 * thorough one decides. A network that fails is no fault of the picture: it is then `unscored`.
 */
export function classifyPicture(picture: RawPicture, options: ClassifyOptions): Promise<Classification> {
  return classifyFrames([picture], options)
}

/** The frames of a clip: the one that says most counts for all. */
export async function classifyFrames(
  frames: readonly RawPicture[],
  options: ClassifyOptions,
): Promise<Classification> {
  let worst: Extract<Classification, { model: string }> | undefined
  try {
    for (const frame of frames) {
      const found = await classifyOne(frame, options)
      if (!worst || explicitness(found.scores) > explicitness(worst.scores)) worst = found
    }
  } catch (error) {
    return { model: null, detail: error instanceof Error ? error.message : String(error) }
  }
  return worst ? { ...worst, frames: frames.length } : { model: null, detail: 'there is no frame' }
}

async function classifyOne(frame: RawPicture, { threshold }: ClassifyOptions) {
  const quick = await quickModel()
  const first = await ask(quick, frame)
  if (!isUncertain(explicitness(first.scores), threshold)) return first
  return ask(await thoroughModel(), frame)
}

async function ask(model: PictureModel, frame: RawPicture) {
  return { model: model.name, scores: await model.classify(await squareOf(frame, model.side)), frames: 1 }
}

/**
 * From two fifths of the threshold to four fifths of the way from there to certainty: 0.28 to 0.94 at 0.7. At 0 a
 * person looks at every picture, whatever a network says.
 */
function isUncertain(score: number, threshold: number): boolean {
  if (threshold === 0) return false
  return score > threshold * 0.4 && score < threshold + (1 - threshold) * 0.8
}

/** The whole picture, as the networks were trained; what is transparent counts as white. */
function squareOf(frame: RawPicture, side: number): Promise<RawPicture> {
  const flat = sharpOf(frame).flatten({ background: '#fff' }).toColourspace('srgb')
  return rawOf(flat.resize({ width: side, height: side, fit: 'fill', kernel: 'linear' }))
}
