// The reference of the scenario "media": a process that does with sharp alone what has to be done at least.
// It is told the sizes, so it reads no EXIF, checks nothing, and hashes nothing.
import { join } from 'node:path'
import sharp, { type OutputInfo, type Sharp } from 'sharp'

export interface ReferenceJob {
  way: 'decode-once' | 'decode-each'
  masterPath: string
  outDir: string
  /** As stored, before turning. */
  large: { width: number; height: number }
  angle: number
}

export interface ReferenceAnswer {
  cpuMs: number
}

sharp.concurrency(1)
sharp.cache(false)

process.on('disconnect', () => process.exit(0))
process.on('message', async (job: ReferenceJob) => {
  const before = process.cpuUsage()
  await (job.way === 'decode-once' ? decodeOnce(job) : decodeEach(job))
  const { user, system } = process.cpuUsage(before)
  process.send?.({ cpuMs: (user + system) / 1000 } satisfies ReferenceAnswer)
})
process.send?.({ cpuMs: 0 } satisfies ReferenceAnswer)

/** Resized before it is turned: sharp shrinks while it loads only then. */
async function decodeOnce({ masterPath, outDir, large, angle }: ReferenceJob): Promise<void> {
  const stored = await sharp(masterPath, { failOn: 'error' })
    .resize({ ...large, fit: 'cover' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const upright =
    angle === 0 ? stored : await rawOf(stored).rotate(angle).raw().toBuffer({ resolveWithObject: true })
  await rawOf(upright)
    .resize(150, 150)
    .webp({ quality: 80, effort: 4 })
    .toFile(join(outDir, 'thumbnail.webp'))
  await rawOf(upright).resize(640).webp({ quality: 80, effort: 4 }).toFile(join(outDir, 'medium.webp'))
  await rawOf(upright).webp({ quality: 80, effort: 4 }).toFile(join(outDir, 'large.webp'))
  await rawOf(upright).jpeg({ quality: 80 }).toFile(join(outDir, 'fallback.jpg'))
}

/** As most code does it: the master again for each size. */
async function decodeEach({ masterPath, outDir, large, angle }: ReferenceJob): Promise<void> {
  const upright = angle === 0 ? large : { width: large.height, height: large.width }
  const load = () => sharp(masterPath, { failOn: 'error' }).autoOrient()
  const medium = { width: 640, height: Math.round((640 * upright.height) / upright.width) }
  const webp = { quality: 80, effort: 4 }
  await load().resize(150, 150).webp(webp).toFile(join(outDir, 'thumbnail.webp'))
  await load()
    .resize({ ...medium, fit: 'cover' })
    .webp(webp)
    .toFile(join(outDir, 'medium.webp'))
  await load()
    .resize({ ...upright, fit: 'cover' })
    .webp(webp)
    .toFile(join(outDir, 'large.webp'))
  await load()
    .resize({ ...upright, fit: 'cover' })
    .jpeg({ quality: 80 })
    .toFile(join(outDir, 'fallback.jpg'))
}

function rawOf({ data, info }: { data: Buffer; info: OutputInfo }): Sharp {
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
}
