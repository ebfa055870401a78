// One video through the pipeline, in a process of its own, so that the CPU of all that it starts can be told.
import { createMediaPool } from '../server/src/modules/media/rendering/media-pool.ts'

const [masterPath = '', outDir = '', ffmpeg = '', ffprobe = ''] = process.argv.slice(2)
await using pool = createMediaPool({
  size: 1,
  log: { warn: (fields) => console.error(JSON.stringify(fields)) },
  limits: { memoryBytes: 3 * 1024 ** 3, timeoutMs: 600_000 },
})
await pool.video({
  id: 'bench',
  kind: 'video',
  purpose: 'media',
  masterPath,
  outDir,
  engine: { name: 'ffmpeg', ffmpeg, ffprobe },
  limits: { maxSeconds: 600, maxBytes: 2 * 1024 ** 3, maxPixels: 36_000_000 },
  threads: 2,
})
