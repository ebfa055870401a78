import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { makeVideo } from '../../../../test/corpus/video-maker.ts'
import { createVideos } from './media-videos.ts'

// The study's clip is 50 MB as it was recorded and 20 MB at 720p. Phones record 1080p with 8 Mbit/s (HEVC) to 17 (H.264):
// 50 MB are 50 s at the least. What fills 20 MB then fits for every other.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const seconds = isLong ? 50 : 3
const recordedRate = 8_000_000
const soundRate = 128_000
const allowedBytes = (20e6 / 50) * seconds
/** The encoder's buffer of two seconds begins full; in a short clip that is much of the whole. */
const headStartBytes = (20e6 / 50) * 2

it(`a clip of ${seconds} s as phones record it, however restless, takes two fifths of its bytes at 720p`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-clip-'))
  const videos = createVideos(
    { engine: 'bundled', searchPath: '', maxSeconds: 60, maxBytes: 100e6 },
    { warn: () => undefined },
  )
  try {
    const masterPath = join(folder, 'clip.mp4')
    // Nothing stands still and the sensor is noisy: more than nearly every clip asks of an encoder.
    const graph = `testsrc2=s=1920x1080:r=30:d=${seconds},rotate=0.3*sin(t),noise=alls=24:allf=t,format=yuv420p`
    const rate = String(recordedRate)
    const options = { preset: 'ultrafast', b: rate, minrate: rate, maxrate: rate, bufsize: rate }
    await makeVideo({ path: masterPath, muxer: 'mp4', streams: [{ graph, codec: 'libx264', options }] })
    const outDir = join(folder, 'out')
    await mkdir(outDir)
    const made = await videos.render({ id: '1', purpose: 'media', masterPath, outDir }, {})
    const recorded = (await stat(masterPath)).size
    const film = made.files.find(({ name }) => name === 'video')!
    t.diagnostic(`${recorded} bytes recorded, ${film.bytes} at ${film.width} × ${film.height}`)
    assert.ok(recorded > 0.9 * (recordedRate / 8) * seconds, 'it is as large as it should be')
    assert.deepEqual([film.width, film.height], [1280, 720])
    const most = allowedBytes + (isLong ? 0 : headStartBytes) - (soundRate / 8) * seconds
    assert.ok(film.bytes <= most, `${film.bytes} of ${most} bytes`)
    assert.ok(film.bytes > 0.5 * allowedBytes, 'what may be spent is spent')
  } finally {
    await videos.close()
    await rm(folder, { recursive: true })
  }
})
