// Scenario "media": what photographs and videos cost, how long people wait for them, and how good they are.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { createMediaPool } from '../server/src/modules/media/rendering/media-pool.ts'
import { measureCpu } from './media-cpu.ts'
import { makeCuts, makeMasters } from './media-masters.ts'
import { measureQuality } from './media-quality.ts'
import { measureTimes } from './media-times.ts'
import { measureVideo } from './media-video.ts'
import type { RunScenario } from './scenario.ts'

export const run: RunScenario = async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-media-'))
  const pool = createMediaPool({ size: 1, log: { warn: (_, text) => context.log(text) } })
  try {
    context.log('drawing photographs')
    const masters = await makeMasters(folder, context.isQuick ? 1 : 5)
    const cuts = await makeCuts(folder, context.isQuick ? 2 : 20)
    const setting = { context, masters, folder }
    const parts = [
      await measureCpu(setting),
      await measureVideo(context, folder),
      await measureTimes(setting),
      await measureQuality(pool, cuts, folder),
    ]
    return {
      summary:
        'Photographs of twelve megapixels. CPU: the whole pipeline in the media child (sniffing, limits, decode, crop, four ' +
        'renditions within their caps, EXIF, thumbhash, perceptual hash), parent and child together, beside sharp alone in a ' +
        'process of the same rules and ImageMagick, making the same four renditions from one decode; moderation is what it adds. ' +
        'Times: the real server with its database on this machine, beside sharp alone in as many processes as there are ' +
        'cores. Video: one command of FFmpeg that makes the same sizes. Bytes and likeness: four parts each of five photographs.',
      tables: parts.flatMap(({ tables }) => tables),
      targets: parts.flatMap(({ targets }) => targets),
      facts: {
        sharp: `${sharp.versions.sharp}, libvips ${sharp.versions.vips}`,
        ...Object.assign({}, ...parts.map(({ facts }) => facts ?? {})),
      },
    }
  } finally {
    await pool.close()
    await rm(folder, { recursive: true, force: true })
  }
}
