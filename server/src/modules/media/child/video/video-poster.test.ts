import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { photographs } from '../../../../../../bench/photographs.ts'
import { noise } from '../../../../../test/corpus/drawn-pictures.ts'
import type { VideoEngine } from './video-engine.ts'
import { makePoster } from './video-poster.ts'

const scene = await readFile(photographs[0]!.path)

/** A film of one picture, as an engine hands it out. */
function engineOf(picture: Sharp): VideoEngine {
  const frames: VideoEngine['frames'] = async ({ width, height }, onFrame) => {
    const sized = picture.clone().resize(width, height, { fit: 'fill' })
    await onFrame(await sized.removeAlpha().toColourspace('srgb').raw().toBuffer())
  }
  return { frames } as Partial<VideoEngine> as VideoEngine
}

async function posterOf(picture: Sharp, size: { width: number; height: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-poster-'))
  try {
    const film = { source: { path: 'none', demuxer: 'mov' as const }, size, seconds: 1 }
    const { files } = await makePoster(engineOf(picture), film, {
      outDir: folder,
      purpose: 'media',
    })
    return await Promise.all(
      files.map(async (file) => ({
        ...file,
        stored: await sharp(await readFile(join(folder, file.file))).metadata(),
      })),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

it('no poster of a film is more than 30 kB in any size, however noisy it is', async () => {
  for (const size of [
    { width: 1280, height: 720 },
    { width: 720, height: 1280 },
  ])
    for (const picture of [noise(size.width, size.height), sharp(scene)])
      for (const { name, bytes, width, height, stored } of await posterOf(picture, size)) {
        assert.ok(bytes <= 30_000, `${name}: ${bytes} bytes`)
        assert.deepEqual([stored.width, stored.height], [width, height], name)
        if (name !== 'thumbnail')
          assert.ok(
            Math.abs(width / height - size.width / size.height) < 0.02,
            `${name}: ${width} × ${height}`,
          )
      }
})

it('a poster of a real scene keeps its size', async () => {
  const files = await posterOf(sharp(scene), { width: 1280, height: 720 })
  const widths = Object.fromEntries(files.map(({ name, width }) => [name, width]))
  assert.ok(widths.large! >= 640 && widths.medium === 640, JSON.stringify(widths))
})
